/** Text that comes from files (names, labels, messages), made safe to show in a terminal, a page or a report. */

/** Longest text shown in one line; the whole stays in the document. */
const maxShownCharacters = 120;

// Controls, direction marks and other invisible characters, unassigned private ones and lone surrogates.
const invisible = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}]/gu;
const controlPictures = 0x2400;
const deletePicture = "\u2421";

/** Shows every control, direction and invisible character as a symbol, so that text can neither move the cursor nor reorder its line. */
export function visibleText(text: string): string {
  return text.replace(invisible, showCharacter);
}

function showCharacter(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20) return String.fromCodePoint(controlPictures + code);
  if (code === 0x7f) return deletePicture;
  return `⟨U+${code.toString(16).toUpperCase().padStart(4, "0")}⟩`;
}

/** Visible text of at most `limit` characters; a cut is marked with an ellipsis. */
export function shortText(text: string, limit: number = maxShownCharacters): string {
  const characters = [...visibleText(text)];
  if (characters.length <= limit) return characters.join("");
  return `${characters.slice(0, limit - 1).join("")}…`;
}

/** A message with the file, tensor or module it speaks of in front, unless it names that itself. */
export function messageAtPlace({ message, where }: { message: string; where?: string | undefined }): string {
  return where === undefined || message.includes(where) ? message : `${where}: ${message}`;
}
