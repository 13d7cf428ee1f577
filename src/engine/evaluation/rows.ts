/**
 * From requests to rows of tokens. Inputs that begin alike share that beginning: under the causal mask its predictions
 * are the same. A request that comes twice is scored once, so equal choices stay exact ties.
 */
import type { ScoreRequest } from "./request.ts";

/** Tokens that run together, and what is predicted from them. */
export interface Row {
  tokens: number[];
  /** Place of the token before each one, below its own place, or −1: a tree. A chain when left out. */
  parents: number[] | undefined;
  /** `targets[k]` is predicted from place `places[k]`. */
  places: number[];
  targets: number[];
}

export interface RowPlan {
  rows: Row[];
  /** For each request its row and which of that row's targets are its own. */
  requests: { row: number; wants: number[] }[];
}

/** Tokens of a packed row: sharing grows with it, and so does the square of its masked attention. */
export const PACKED_ROW_TOKENS = 768;
/** Padded tokens of one batch: enough to pay for widening the weights once, few enough for its logits. */
export const BATCH_TOKENS = 2048;
/** The first batch is small, so that a first result comes soon. */
export const FIRST_BATCH_TOKENS = 512;

/**
 * Plain rows merge only an input that is the beginning of another; packed ones are trees of up to `PACKED_ROW_TOKENS`
 * (a longer single input still gets its row).
 */
export function planRows(requests: readonly ScoreRequest[], packed: boolean): RowPlan {
  const plan: RowPlan = { rows: [], requests: [] };
  let current: OpenRow | undefined;
  for (const index of sharedFirst(requests)) {
    const request = requests[index];
    if (request === undefined) continue;
    const known = current === undefined ? 0 : sharedLength(current.input, request.input);
    if (current === undefined || !fits(current, request.input, known, packed)) {
      current = openRow(packed);
      plan.rows.push(current.row);
      extend(current, request.input, 0);
    } else extend(current, request.input, known);
    plan.requests[index] = { row: plan.rows.length - 1, wants: addWants(current, request) };
  }
  return plan;
}

/** Indices in an order in which beginnings stand together and a longer input before the ones that begin it. */
function sharedFirst(requests: readonly ScoreRequest[]): number[] {
  const input = (index: number): readonly number[] => requests[index]?.input ?? [];
  return requests.map((_, index) => index).sort((i, j) => compare(input(i), input(j)) || i - j);
}

function compare(first: readonly number[], second: readonly number[]): number {
  const place = sharedLength(first, second);
  if (place === first.length || place === second.length) return second.length - first.length;
  return (first[place] ?? 0) - (second[place] ?? 0);
}

function sharedLength(first: readonly number[], second: readonly number[]): number {
  const length = Math.min(first.length, second.length);
  let place = 0;
  while (place < length && first[place] === second[place]) place += 1;
  return place;
}

/** A row that may still grow. In this order no earlier input shares a longer beginning than the last one does. */
interface OpenRow {
  row: Row;
  /** The last input, and the places of its tokens. */
  input: readonly number[];
  path: number[];
  /** Targets by their place and token. */
  wants: Map<number, Map<number, number>>;
}

function openRow(packed: boolean): OpenRow {
  const row: Row = { tokens: [], parents: packed ? [] : undefined, places: [], targets: [] };
  return { row, input: [], path: [], wants: new Map() };
}

function fits({ row }: OpenRow, input: readonly number[], known: number, packed: boolean): boolean {
  if (!packed) return known === input.length;
  return known > 0 && row.tokens.length + input.length - known <= PACKED_ROW_TOKENS;
}

/** Adds what follows the first `known` tokens, which the row holds, and makes `input` its last one. */
function extend(open: OpenRow, input: readonly number[], known: number): void {
  const { row, path } = open;
  path.length = known;
  for (let place = known; place < input.length; place += 1) {
    row.parents?.push(path.at(-1) ?? -1);
    path.push(row.tokens.push(input[place] ?? 0) - 1);
  }
  open.input = input;
}

function addWants({ row, path, wants }: OpenRow, { input, targets }: ScoreRequest): number[] {
  return targets.map((target, index) => {
    const place = path[input.length - targets.length + index] ?? -1;
    const known = wants.get(place) ?? new Map<number, number>();
    wants.set(place, known);
    const want = known.get(target) ?? addWant(row, place, target);
    known.set(target, want);
    return want;
  });
}

function addWant(row: Row, place: number, target: number): number {
  row.places.push(place);
  return row.targets.push(target) - 1;
}

/** Indices of rows, longest first, in batches that are padded to their longest row. */
export function planBatches(rows: readonly Row[]): number[][] {
  const length = (index: number): number => rows[index]?.tokens.length ?? 0;
  const order = rows.map((_, index) => index).sort((i, j) => length(j) - length(i) || i - j);
  const batches: number[][] = [];
  for (let start = 0; start < order.length; ) {
    const budget = start === 0 ? FIRST_BATCH_TOKENS : BATCH_TOKENS;
    const count = Math.max(1, Math.floor(budget / length(order[start] ?? 0)));
    batches.push(order.slice(start, start + count));
    start += count;
  }
  return batches;
}
