/** Looks over JSON bytes before they are parsed, so that a small file cannot become a huge or bottomless value. */
import { takeTurn } from "../turns.ts";

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
/** Whether one of Python's numbers starts with the byte. */
const STARTS_WORD = new Uint8Array(256);
for (const letter of Buffer.from("[{")) DEPTH_CHANGE[letter] = 1;
for (const letter of Buffer.from("]}")) DEPTH_CHANGE[letter] = -1;
for (const letter of Buffer.from("[{,")) STARTS_VALUE[letter] = 1;
for (const letter of Buffer.from("-IN")) STARTS_WORD[letter] = 1;

/** Bytes that are looked over at once: some 5 ms. */
const TURN_BYTES = 2 ** 20;

/** How far a text was looked over. */
interface Scan {
  at: number;
  depth: number;
  values: number;
}

/** What is wrong with the nesting or the number of values; undefined when the text may be parsed. */
export function findExcess(bytes: Buffer, values = JSON_VALUES_MAXIMUM): string | undefined {
  return scanUntil(bytes, bytes.length, { at: 0, depth: 0, values: 1 }, values);
}

/** As `findExcess`, for texts of many megabytes. */
export async function findExcessInTurns(bytes: Buffer, values = JSON_VALUES_MAXIMUM): Promise<string | undefined> {
  const scan: Scan = { at: 0, depth: 0, values: 1 };
  while (scan.at < bytes.length) {
    const excess = scanUntil(bytes, scan.at + TURN_BYTES, scan, values);
    if (excess !== undefined) return excess;
    await takeTurn();
  }
  return undefined;
}

function scanUntil(bytes: Buffer, end: number, scan: Scan, values: number): string | undefined {
  let { at, depth, values: found } = scan;
  const last = Math.min(end, bytes.length);
  for (; at < last; at++) {
    const byte = bytes[at] as number;
    if (byte === QUOTE) at = endOfString(bytes, at);
    depth += DEPTH_CHANGE[byte] as number;
    found += STARTS_VALUE[byte] as number;
    if (depth > JSON_DEPTH_MAXIMUM) return `it is nested deeper than ${JSON_DEPTH_MAXIMUM} levels at byte ${at}`;
    if (found > values) return `it holds more than ${values} values`;
  }
  Object.assign(scan, { at, depth, values: found });
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
export async function withoutPythonNumbers(bytes: Buffer): Promise<Buffer> {
  const parts: Buffer[] = [];
  let kept = 0;
  let nextTurn = TURN_BYTES;
  for (let at = 0; at < bytes.length; at++) {
    if (at > nextTurn) {
      await takeTurn();
      nextTurn = at + TURN_BYTES;
    }
    const byte = bytes[at] as number;
    if (byte === QUOTE) at = endOfString(bytes, at);
    const word = STARTS_WORD[byte] === 1 ? pythonNumberAt(bytes, at) : undefined;
    if (word === undefined) continue;
    parts.push(bytes.subarray(kept, at), NULL);
    kept = at + word.length;
    at = kept - 1;
  }
  return Buffer.concat([...parts, bytes.subarray(kept)]);
}

function pythonNumberAt(bytes: Buffer, at: number): Buffer | undefined {
  return PYTHON_NUMBERS.find((word) => bytes.subarray(at, at + word.length).equals(word));
}
