/**
 * Rows to the tensors of one run. Everything is checked here: the runtime takes −1 for "the last row", scores −100, and
 * ignores inputs that it does not know.
 */
import { DeltaScopeError } from "../../../contract/errors.ts";
import type { Row } from "../rows.ts";
import type { SessionFacts } from "./protocol.ts";

/** What a place must not see gets this added to its score. */
const MASKED = -1e9;

/** Places and targets of all rows in one list. */
export interface Selection {
  /** Flat places b·S + t, each once. */
  places: bigint[];
  /** For each target the index of its place. */
  place: bigint[];
  target: bigint[];
  /** Index of each row's first target. */
  starts: number[];
}

/** Padded length of a batch. Throws `internal` for rows that no plan makes. */
export function checkRows(rows: readonly Row[], facts: SessionFacts): number {
  if (rows.length === 0) throw wrong("a batch without rows");
  for (const row of rows) checkRow(row, facts);
  return Math.max(...rows.map(({ tokens }) => tokens.length));
}

function checkRow({ tokens, parents, places, targets }: Row, facts: SessionFacts): void {
  if (tokens.length === 0) throw wrong("a row without tokens");
  if (targets.length === 0 || targets.length !== places.length) throw wrong("a row with nothing to score");
  checkRange("token", tokens, facts.vocabulary, "the embedding");
  checkRange("target", targets, facts.vocabRows, "the output layer");
  checkRange("place", places, tokens.length, "the row");
  if (parents !== undefined && !facts.packed) throw wrong("a tree for a model of plain rows");
  if (parents !== undefined && parents.length !== tokens.length) throw wrong("a tree that is not of its row's length");
  const stray =
    parents?.findIndex((parent, place) => !Number.isInteger(parent) || parent < -1 || parent >= place) ?? -1;
  if (stray >= 0) throw wrong(`place ${stray} that follows no earlier one`);
  if (tokens.length > facts.rowTokens || depth(parents, tokens.length) > facts.maxTokens) {
    throw wrong(`a row of ${tokens.length} tokens, longer than the ${facts.maxTokens} that the model was built for`);
  }
}

function checkRange(what: string, values: readonly number[], end: number, where: string): void {
  const bad = values.find((value) => !Number.isInteger(value) || value < 0 || value >= end);
  if (bad !== undefined) throw wrong(`${what} ${bad}, outside ${where} (0 to ${end - 1})`);
}

/** Tokens on the longest way through a tree; a row of `length` without a tree is one way. */
function depth(parents: readonly number[] | undefined, length: number): number {
  return parents === undefined ? length : Math.max(...depths(parents)) + 1;
}

/** Of each place the number of places before it on its way. */
function depths(parents: readonly number[]): number[] {
  const found: number[] = [];
  for (const parent of parents) found.push(parent < 0 ? 0 : (found[parent] ?? 0) + 1);
  return found;
}

function wrong(what: string): DeltaScopeError {
  return new DeltaScopeError("internal", `The scorer was given ${what}.`);
}

/** Token ids [B, S], padded on the right with token 0, which no real token can see. */
export function tokenTensor(rows: readonly Row[], length: number): BigInt64Array<ArrayBuffer> {
  const ids = new BigInt64Array(rows.length * length);
  rows.forEach(({ tokens }, row) => {
    ids.set(tokens.map(BigInt), row * length);
  });
  return ids;
}

export function selectPlaces(rows: readonly Row[], length: number): Selection {
  const selection: Selection = { places: [], place: [], target: [], starts: [] };
  rows.forEach(({ places, targets }, row) => {
    const seen = new Map<number, bigint>();
    selection.starts.push(selection.target.length);
    for (const place of places) {
      if (!seen.has(place)) seen.set(place, BigInt(selection.places.push(BigInt(row * length + place)) - 1));
      selection.place.push(seen.get(place) ?? 0n);
    }
    selection.target.push(...targets.map(BigInt));
  });
  return selection;
}

/** Depth of every token [B, S], and what it may see [B, 1, S, S]: its ancestors and itself. */
export function treeTensors(rows: readonly Row[], length: number) {
  const positions = new BigInt64Array(rows.length * length);
  const bias = new Float32Array(rows.length * length * length).fill(MASKED);
  rows.forEach(({ tokens, parents }, row) => {
    const chain = parents ?? tokens.map((_, place) => place - 1);
    positions.set(depths(chain).map(BigInt), row * length);
    for (let place = 0; place < length; place += 1) {
      const start = (row * length + place) * length;
      // Padding sees everything before it; nobody reads it, but a row without anything to see would give NaN.
      if (place >= chain.length) bias.fill(0, start, start + place + 1);
      for (let seen = place; seen >= 0 && place < chain.length; seen = chain[seen] ?? -1) bias[start + seen] = 0;
    }
  });
  return { positions, bias };
}
