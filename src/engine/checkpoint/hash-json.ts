/** JSON texts of many megabytes hashed in turns. */
import type { Hash } from "node:crypto";
import { takeTurn } from "../turns.ts";

/** Letters, or bytes of a text, that are hashed at once. */
const PART = 2 ** 18;
/** Pieces between two looks at the clock. */
const PIECES = 1024;

/** Updates the hash with `JSON.stringify` of the value; a Buffer stands for the UTF-8 text it holds. */
export async function hashJson(hash: Hash, value: unknown): Promise<void> {
  let part = "";
  let count = 0;
  for (const piece of Buffer.isBuffer(value) ? piecesOfText(value) : pieces(value)) {
    part += piece;
    if (part.length < PART && ++count % PIECES > 0) continue;
    hash.update(part);
    part = "";
    await takeTurn();
  }
  hash.update(part);
}

/** Lists entry by entry, all else whole. */
function* pieces(value: unknown): Generator<string, void, undefined> {
  const open = [[value].values()];
  let separator = "";
  for (let entries = open.at(-1); entries !== undefined; entries = open.at(-1)) {
    const { value: entry, done } = entries.next();
    if (done) {
      open.pop();
      if (open.length > 0) yield "]";
      separator = ",";
    } else if (Array.isArray(entry) && entry.length > 0) {
      yield `${separator}[`;
      open.push(entry.values());
      separator = "";
    } else {
      yield separator + (JSON.stringify(entry) ?? "null");
      separator = ",";
    }
  }
}

function* piecesOfText(bytes: Buffer): Generator<string, void, undefined> {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  yield '"';
  for (let from = 0; from < bytes.length; from += PART) {
    yield JSON.stringify(decoder.decode(bytes.subarray(from, from + PART), { stream: true })).slice(1, -1);
  }
  yield '"';
}
