/** Looks over JSON bytes before they are parsed, so that a small file cannot become a huge or bottomless value. */
import { takeTurn } from "../turns.ts";

/** Deepest nesting of arrays and objects; configurations of transformers and peft stay below 10. */
export const JSON_DEPTH_MAXIMUM = 64;
/** Most values of one document: an index of a million tensors has a million; each costs dozens of bytes of memory. */
export const JSON_VALUES_MAXIMUM = 2_000_000;
/** Longest text, in bytes: the longest of honest files are chat templates of 20 kB, and no text is decoded in parts. */
export const JSON_TEXT_BYTES_MAXIMUM = 8 * 2 ** 20;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const PYTHON_NUMBERS = ["-Infinity", "Infinity", "NaN"].map((word) => Buffer.from(word));
const NULL = Buffer.from("null");

/** By how much a byte outside strings changes the depth, and whether it separates or nests values. */
export const DEPTH_CHANGE = new Int8Array(256);
const IS_MARK = new Uint8Array(256);
/** Whether one of Python's numbers starts with the byte. */
const STARTS_WORD = new Uint8Array(256);
for (const letter of Buffer.from("[{")) DEPTH_CHANGE[letter] = 1;
for (const letter of Buffer.from("]}")) DEPTH_CHANGE[letter] = -1;
for (const letter of Buffer.from("[{,]}")) IS_MARK[letter] = 1;
for (const letter of Buffer.from("-IN")) STARTS_WORD[letter] = 1;

/** Bytes that are looked over at once: some 5 ms. */
const TURN_BYTES = 2 ** 20;

/** Objects and lists of at least so many bytes count as large: what is smaller is parsed at once, in a few ms. */
const LARGE_BYTES = 2 ** 16;

export interface JsonBounds {
  /** Most values of the document, `JSON_VALUES_MAXIMUM` where nothing is said. */
  values?: number;
  /** Most entries of one list or object; only `values` where nothing is said. */
  entries?: number;
  /** Bytes from which on objects and lists count as large; tests want them small. */
  large?: number;
}

export interface LookedOver {
  /** What is wrong with nesting or sizes; undefined when the text may be parsed. */
  excess: string | undefined;
  /** Where large objects and lists end, by where they start; the outermost one is among them whatever its size. */
  large: ReadonlyMap<number, number>;
  largeBytes: number;
}

/** How far a text was looked over. */
interface Scan {
  at: number;
  depth: number;
  values: number;
  /** By depth: where the open object or list starts, and how many commas it has had. */
  starts: number[];
  commas: number[];
  large: Map<number, number>;
  /** Whether the outermost object or list was closed. */
  isClosed: boolean;
}

/** What is wrong with the nesting or the sizes; undefined when the text may be parsed. */
export function findExcess(bytes: Buffer): string | undefined {
  return scanUntil(bytes, bytes.length, startScan(), {});
}

/** Looks over a text of many megabytes. */
export async function lookOver(bytes: Buffer, bounds: JsonBounds = {}): Promise<LookedOver> {
  const scan = startScan();
  const largeBytes = bounds.large ?? LARGE_BYTES;
  while (scan.at < bytes.length) {
    const excess = scanUntil(bytes, scan.at + TURN_BYTES, scan, bounds);
    if (excess !== undefined) return { excess, large: new Map(), largeBytes };
    await takeTurn();
  }
  return { excess: undefined, large: scan.large, largeBytes };
}

function startScan(): Scan {
  return { at: 0, depth: 0, values: 1, starts: [], commas: [0], large: new Map(), isClosed: false };
}

function scanUntil(bytes: Buffer, end: number, scan: Scan, bounds: JsonBounds): string | undefined {
  const last = Math.min(end, bytes.length);
  for (; scan.at < last; scan.at++) {
    const byte = bytes[scan.at] as number;
    if (byte === QUOTE) {
      const close = endOfString(bytes, scan.at);
      if (close - scan.at > JSON_TEXT_BYTES_MAXIMUM)
        return `it holds a text of more than ${JSON_TEXT_BYTES_MAXIMUM} bytes`;
      scan.at = close;
    } else if (IS_MARK[byte] === 1) {
      const excess = note(byte, scan, bounds);
      if (excess !== undefined) return excess;
    }
  }
  return undefined;
}

/** Counts a comma or bracket. */
function note(byte: number, scan: Scan, { values = JSON_VALUES_MAXIMUM, entries = values, large }: JsonBounds) {
  const { at, commas, starts } = scan;
  if (DEPTH_CHANGE[byte] === -1) {
    close(scan, large ?? LARGE_BYTES);
    return undefined;
  }
  if (++scan.values > values) return `it holds more than ${values} values`;
  if (byte === COMMA) {
    const count = ++(commas[scan.depth] as number);
    return count < entries ? undefined : `a list or object in it holds more than ${entries} entries`;
  }
  starts[scan.depth++] = at;
  commas[scan.depth] = 0;
  if (scan.depth <= JSON_DEPTH_MAXIMUM) return undefined;
  return `it is nested deeper than ${JSON_DEPTH_MAXIMUM} levels at byte ${at}`;
}

function close(scan: Scan, largeBytes: number): void {
  const { at, starts, large } = scan;
  scan.depth--;
  const start = starts[scan.depth] ?? at;
  const isOutermost = scan.depth === 0 && !scan.isClosed;
  if (isOutermost || at - start >= largeBytes) large.set(start, at);
  if (isOutermost) scan.isClosed = true;
}

/** Position of the closing quotation mark of the string that opens at `start`, or the end of the text. */
export function endOfString(bytes: Buffer, start: number): number {
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
 * They become null: no such value is ever used. A text without them is returned itself. Walks by hand because a pattern could be made to backtrack.
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
  return kept === 0 ? bytes : Buffer.concat([...parts, bytes.subarray(kept)]);
}

function pythonNumberAt(bytes: Buffer, at: number): Buffer | undefined {
  return PYTHON_NUMBERS.find((word) => bytes.subarray(at, at + word.length).equals(word));
}
