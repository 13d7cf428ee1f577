/** Text inside a picture: entities read, control characters left out, markup escaped again. */

const named: ReadonlyMap<string, string> = new Map([
  ["amp", "&"],
  ["lt", "<"],
  ["gt", ">"],
  ["quot", '"'],
  ["apos", "'"],
]);
const escapes: ReadonlyMap<string, string> = new Map([...named].map(([name, character]) => [character, `&${name};`]));

const entity = /&([a-z]{2,4}|#\d{1,7}|#x[0-9a-fA-F]{1,6});|&/g;
// Controls, direction marks and lone surrogates; a picture that holds the first or the last is no XML.
const unwanted = /[\p{Cc}\p{Cf}\p{Cs}]/gu;

/** Undefined for an entity that XML itself does not know. */
export function decodeEntities(text: string): string | undefined {
  let known = true;
  const decoded = text.replace(entity, (_, name: string | undefined) => {
    const character = name === undefined ? undefined : characterOf(name);
    known &&= character !== undefined;
    return character ?? "";
  });
  return known ? decoded : undefined;
}

function characterOf(name: string): string | undefined {
  if (!name.startsWith("#")) return named.get(name);
  const code = name[1] === "x" ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
  return code <= 0x10ffff ? String.fromCodePoint(code) : undefined;
}

/** Safe between tags and inside double quotes. */
export function escapeMarkup(text: string): string {
  return text
    .replace(/\s/g, " ")
    .replace(unwanted, "")
    .replace(/[&<>"']/g, (character) => escapes.get(character) ?? "");
}
