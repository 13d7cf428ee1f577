/** Looks over JSON bytes before they are parsed, so that a small file cannot become a huge or bottomless value. */

/** Deepest nesting of arrays and objects; configurations of transformers and peft stay below 10. */
export const JSON_DEPTH_MAXIMUM = 64;
/** Most values of one document: an index of a million tensors has a million; each costs dozens of bytes of memory. */
export const JSON_VALUES_MAXIMUM = 2_000_000;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const PYTHON_NUMBERS = ["-Infinity", "Infinity", "NaN"].map((word) => Buffer.from(word));
const NULL = Buffer.from("null");

/** By how much a byte outside strings changes the depth, and whether a value follows it. */
const DEPTH_CHANGE = new Int8Array(256);
const STARTS_VALUE = new Uint8Array(256);
for (const letter of Buffer.from("[{")) DEPTH_CHANGE[letter] = 1;
for (const letter of Buffer.from("]}")) DEPTH_CHANGE[letter] = -1;
for (const letter of Buffer.from("[{,")) STARTS_VALUE[letter] = 1;

/** What is wrong with the nesting or the number of values; undefined when the text may be parsed. */
export function findExcess(bytes: Buffer): string | undefined {
  let depth = 0;
  let values = 1;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] as number;
    if (byte === QUOTE) at = endOfString(bytes, at);
    depth += DEPTH_CHANGE[byte] as number;
    values += STARTS_VALUE[byte] as number;
    if (depth > JSON_DEPTH_MAXIMUM) return `it is nested deeper than ${JSON_DEPTH_MAXIMUM} levels at byte ${at}`;
    if (values > JSON_VALUES_MAXIMUM) return `it holds more than ${JSON_VALUES_MAXIMUM} values`;
  }
  return undefined;
}

/** Position of the closing quotation mark of the string that opens at `start`, or the end of the text. */
function endOfString(bytes: Buffer, start: number): number {
  let at = bytes.indexOf(QUOTE, start + 1);
  while (at !== -1 && isEscaped(bytes, at, start)) at = bytes.indexOf(QUOTE, at + 1);
  return at === -1 ? bytes.length : at;
}

function isEscaped(bytes: Buffer, at: number, start: number): boolean {
  let backslashes = 0;
  while (at - 1 - backslashes > start && bytes[at - 1 - backslashes] === BACKSLASH) backslashes++;
  return backslashes % 2 === 1;
}

/**
 * Python writes NaN and Infinity into JSON, which JSON.parse refuses (Mamba's `time_step_limit` is a real case).
 * They become null: no such value is ever used. Walks by hand because a pattern could be made to backtrack.
 */
export function withoutPythonNumbers(bytes: Buffer): Buffer {
  const parts: Buffer[] = [];
  let kept = 0;
  for (let at = 0; at < bytes.length; at++) {
    if (bytes[at] === QUOTE) at = endOfString(bytes, at);
    const word = PYTHON_NUMBERS.find(
      (candidate) => bytes[at] === candidate[0] && bytes.subarray(at, at + candidate.length).equals(candidate),
    );
    if (word === undefined) continue;
    parts.push(bytes.subarray(kept, at), NULL);
    kept = at + word.length;
    at = kept - 1;
  }
  return Buffer.concat([...parts, bytes.subarray(kept)]);
}
