/**
 * JSON texts of many megabytes parsed in turns: nobody waits longer than for one piece. Large objects and lists are cut
 * between their entries; all else is left to JSON.parse, so that exactly the same texts are accepted.
 */
import { takeTurn } from "../turns.ts";
import { DEPTH_CHANGE, endOfString, JSON_TEXT_BYTES_MAXIMUM, type LookedOver } from "./json-guard.ts";

const [COMMA, QUOTE, OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x2c, 0x22, 0x5b, 0x5d, 0x7b, 0x7d];
/** Bytes that are looked through between two looks at the clock. */
const TURN_BYTES = 2 ** 20;
/** Most bytes that are parsed at once: an entry whose key and value are the longest texts. */
const PIECE_BYTES_MAXIMUM = 2 * JSON_TEXT_BYTES_MAXIMUM + 2 ** 20;

interface Text extends LookedOver {
  bytes: Buffer;
  /** Key of the outermost object whose object becomes a Map. */
  table: string | undefined;
}

type Target = unknown[] | Map<string, unknown> | Record<string, unknown>;

/**
 * The value of a UTF-8 text that `lookOver` found no excess in. The object at the key `table` of the outermost object
 * becomes a Map: listing the keys of an object takes all of them at once. Throws a SyntaxError for what is no JSON.
 */
export async function parseInTurns(bytes: Buffer, overview: LookedOver, table?: string): Promise<unknown> {
  const { large, largeBytes } = overview;
  if (bytes.length < largeBytes) return withTable(JSON.parse(bytes.toString()), table);
  const start = await firstLetter(bytes, 0);
  const end = large.get(start);
  if (end === undefined) throw new SyntaxError("the text is no complete object or list");
  if ((await firstLetter(bytes, end + 1)) < bytes.length) throw new SyntaxError(`the text goes on after byte ${end}`);
  const isOutermostObject = bytes[start] === OPEN_OBJECT;
  return withTable(
    await parseLarge({ ...overview, bytes, table: isOutermostObject ? table : undefined }, start, end),
    table,
  );
}

function withTable(value: unknown, table: string | undefined): unknown {
  if (table === undefined || !isPlainObject(value) || !Object.hasOwn(value, table)) return value;
  const found = value[table];
  if (isPlainObject(found)) value[table] = new Map(Object.entries(found));
  return value;
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Map);
}

/** An object or list that is read piece by piece. */
interface Reading {
  text: Text;
  target: Target;
  isList: boolean;
  end: number;
  /** Where what was not parsed yet starts, and the entry that is being looked at. */
  from: number;
  entry: number;
}

/** The object or list between two brackets, added to `into` entry by entry. */
async function parseLarge(text: Text, start: number, end: number, into?: Target): Promise<unknown> {
  const { bytes, largeBytes } = text;
  if (end - start < largeBytes) return JSON.parse(bytes.toString("utf8", start, end + 1));
  const isList = bytes[start] === OPEN_LIST;
  if (bytes[end] !== (isList ? CLOSE_LIST : CLOSE_OBJECT)) throw wrong("brackets that do not match", end);
  const target = into ?? (isList ? [] : {});
  if ((await firstLetter(bytes, start + 1)) === end) return target;
  const reading = { text, target, isList, end, from: start + 1, entry: start + 1 };
  for (let mark = start; mark < end; ) mark = await readUntil(reading, nextMark(text, mark + 1, end));
  return target;
}

/** The next comma between two entries, the next large object or list, or the end; or where it is time for a turn. */
function nextMark({ bytes, large }: Text, from: number, end: number): number {
  let depth = 0;
  for (let at = from; at < end; at++) {
    const byte = bytes[at] as number;
    if (byte === QUOTE) at = endOfString(bytes, at);
    else if (depth === 0 && (byte === COMMA || at - from > TURN_BYTES)) return at;
    else if (DEPTH_CHANGE[byte] === 1 && large.has(at)) return at;
    else depth += DEPTH_CHANGE[byte] as number;
  }
  return end;
}

/** Reads what stands before the mark, and the large object or list there; how far it came. */
async function readUntil(reading: Reading, mark: number): Promise<number> {
  const { text, target, end, from, entry } = reading;
  const inner = text.large.get(mark);
  let next = mark;
  if (inner !== undefined) {
    if (entry > from) addPiece(reading, entry - 1);
    await addLarge(text, target, { entry, start: mark, end: inner });
    next = await markBehind(text.bytes, inner, end);
    reading.from = reading.entry = next + 1;
  } else if (mark === end || text.bytes[mark] === COMMA) {
    reading.entry = mark + 1;
    if (mark < end && mark - from < text.largeBytes) return mark;
    addPiece(reading, mark);
    reading.from = mark + 1;
  }
  await takeTurn();
  return next;
}

/** Adds the entries up to a place: at least one. */
function addPiece({ text, target, isList, from }: Reading, to: number): void {
  const piece = parseText(text, from, to, isList ? ["[", "]"] : ["{", "}"]);
  const keys = Object.keys(piece);
  if (keys.length === 0) throw wrong("nothing where an entry should be", from);
  if (Array.isArray(target)) for (const value of piece as unknown[]) target.push(value);
  else for (const key of keys) add(target, key, (piece as Record<string, unknown>)[key]);
}

/** The comma behind a large object or list, or the end of what it is in. */
async function markBehind(bytes: Buffer, inner: number, end: number): Promise<number> {
  const mark = await firstLetter(bytes, inner + 1);
  if (mark === end) return end;
  if (bytes[mark] !== COMMA) throw wrong("no comma", mark);
  if ((await firstLetter(bytes, mark + 1)) === end) throw wrong("nothing behind a comma", mark);
  return mark;
}

/** Adds an entry whose value is a large object or list; its key stands before it. */
async function addLarge(text: Text, target: Target, place: { entry: number; start: number; end: number }) {
  const { bytes, table } = text;
  if (Array.isArray(target)) {
    if ((await firstLetter(bytes, place.entry)) !== place.start) throw wrong("no comma", place.start);
    target.push(await parseLarge({ ...text, table: undefined }, place.start, place.end));
    return;
  }
  const holder = parseText(text, place.entry, place.start, ["{", "null}"]);
  const [key = ""] = Object.keys(holder);
  const into = key === table && bytes[place.start] === OPEN_OBJECT ? new Map<string, unknown>() : undefined;
  add(target, key, await parseLarge({ ...text, table: undefined }, place.start, place.end, into));
}

function parseText({ bytes }: Text, from: number, to: number, [open, close]: readonly [string, string]): object {
  if (to - from > PIECE_BYTES_MAXIMUM) throw wrong(`an entry of more than ${PIECE_BYTES_MAXIMUM} bytes`, from);
  try {
    return JSON.parse(open + bytes.toString("utf8", from, to) + close);
  } catch (thrown) {
    // V8 counts from the start of the piece.
    throw wrong((thrown as Error).message.replace(/ (?:in JSON )?at position .*$/u, ""), from);
  }
}

function add(target: Map<string, unknown> | Record<string, unknown>, key: string, value: unknown): void {
  if (target instanceof Map) target.set(key, value);
  else if (key !== "__proto__") target[key] = value;
  else Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
}

/** The first byte from `at` on that is no blank, or the end of the text. */
async function firstLetter(bytes: Buffer, at: number): Promise<number> {
  for (let letter = at; letter < bytes.length; letter++) {
    const byte = bytes[letter];
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return letter;
    if (letter % TURN_BYTES === 0) await takeTurn();
  }
  return bytes.length;
}

function wrong(what: string, place: number): SyntaxError {
  return new SyntaxError(`${what}, at or behind byte ${place}`);
}
