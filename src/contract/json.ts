/** Documents as JSON text: indented for people, but one line per list of numbers, and safe to print on a terminal. */

// Valid inside JSON strings, yet able to steer a terminal or to reorder a line: written as \u escapes.
const unsafeInTerminals = /[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;
/** Characters per piece: a fraction of a millisecond of work, yet few enough pieces for a document of any size. */
const pieceLength = 65_536;

/** What the text says; undefined where it is no JSON. */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** JSON text that ends in a line feed. Keys whose value is undefined are left out. */
export function documentText(value: unknown): string {
  return [...documentPieces(value)].join("");
}

/** The same text in pieces, so that a large document is written without holding up everything else. */
export function* documentPieces(value: unknown): Generator<string> {
  let piece = "";
  for (const part of parts(value, "")) {
    piece += part;
    if (piece.length < pieceLength) continue;
    yield escaped(piece);
    piece = "";
  }
  yield `${escaped(piece)}\n`;
}

function escaped(text: string): string {
  return text.replace(unsafeInTerminals, escapeCharacter);
}

function escapeCharacter(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

function* parts(value: unknown, indent: string): Generator<string> {
  if (Array.isArray(value)) yield* listParts(value, indent);
  else if (typeof value === "object" && value !== null) yield* objectParts(value, indent);
  else yield JSON.stringify(value) ?? "null";
}

function* listParts(list: readonly unknown[], indent: string): Generator<string> {
  if (list.every((item) => typeof item !== "object" || item === null)) {
    yield JSON.stringify(list);
    return;
  }
  const inner = `${indent}  `;
  let before = "[\n";
  for (const item of list) {
    yield before + inner;
    yield* parts(item, inner);
    before = ",\n";
  }
  yield `\n${indent}]`;
}

function* objectParts(object: object, indent: string): Generator<string> {
  const inner = `${indent}  `;
  let before = "{\n";
  for (const [key, value] of Object.entries(object)) {
    if (value === undefined) continue;
    yield `${before}${inner}${JSON.stringify(key)}: `;
    yield* parts(value, inner);
    before = ",\n";
  }
  yield before === "{\n" ? "{}" : `\n${indent}}`;
}
