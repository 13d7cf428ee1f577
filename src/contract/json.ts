/** Documents as JSON text: indented for people, but one line per list of numbers, and safe to print on a terminal. */

// Valid inside JSON strings, yet able to steer a terminal or to reorder a line: written as \u escapes.
const unsafeInTerminals = /[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** JSON text that ends in a line feed. Keys whose value is undefined are left out. */
export function documentText(value: unknown): string {
  const text = write(value, "");
  return `${text.replace(unsafeInTerminals, escapeCharacter)}\n`;
}

function escapeCharacter(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

function write(value: unknown, indent: string): string {
  if (Array.isArray(value)) return writeList(value, indent);
  if (typeof value === "object" && value !== null) return writeObject(value, indent);
  return JSON.stringify(value) ?? "null";
}

function writeList(list: readonly unknown[], indent: string): string {
  if (list.every((item) => typeof item !== "object" || item === null)) return JSON.stringify(list);
  const inner = `${indent}  `;
  return `[\n${list.map((item) => inner + write(item, inner)).join(",\n")}\n${indent}]`;
}

function writeObject(object: object, indent: string): string {
  const inner = `${indent}  `;
  const lines = Object.entries(object)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${inner}${JSON.stringify(key)}: ${write(value, inner)}`);
  return lines.length === 0 ? "{}" : `{\n${lines.join(",\n")}\n${indent}}`;
}
