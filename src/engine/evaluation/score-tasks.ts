/** Asks a model for the answers that are missing, and keeps every batch of them as soon as it is there. */
import { setImmediate } from "node:timers/promises";
import type { Alert } from "../../contract/alerts.ts";
import type { Progress } from "../../contract/progress.ts";
import { ProgressMeter } from "../jobs/progress.ts";
import type { ScoreRow } from "../store/scores.ts";
import type { Store } from "../store/types.ts";
import { missingOf, type TaskAnswers } from "./answers.ts";
import type { Reference } from "./reference.ts";
import type { ScoredRequest } from "./request.ts";
import { requestsOf, type TaskRequests } from "./requests.ts";
import type { Scorer } from "./scorer.ts";
import type { Task } from "./tasks/task.ts";

/** What is still to ask of one task. */
export interface TaskWork {
  answers: TaskAnswers;
  /** Only the items that have no answer. */
  missing: Task;
  made: TaskRequests;
}

export async function prepareWork(
  answers: TaskAnswers,
  { vocabulary, settings }: Reference,
  signal?: AbortSignal,
): Promise<TaskWork> {
  const missing = missingOf(answers);
  return { answers, missing, made: await requestsOf(missing, vocabulary, settings, signal) };
}

/** Tokens before sharing. */
function tokensOf({ made }: TaskWork): number {
  return made.requests.reduce((sum, { input }) => sum + input.length, 0);
}

export function longestInput(works: readonly TaskWork[]): number {
  return works.reduce(
    (most, { made }) => made.requests.reduce((longest, { input }) => Math.max(longest, input.length), most),
    1,
  );
}

/** Counts items over all tasks; those that are stored already are done at the start. */
export function startMeter(all: readonly TaskAnswers[], works: readonly TaskWork[]): ProgressMeter {
  const total = all.reduce((sum, { task }) => sum + task.items.length, 0);
  const cost = works.reduce((sum, work) => sum + tokensOf(work), 0);
  const meter = new ProgressMeter({ phase: "score", unit: "items", total, cost });
  meter.advance(total - works.reduce((sum, { missing }) => sum + missing.items.length, 0), 0);
  return meter;
}

export interface ScoreTools {
  scorer: Scorer;
  factors: string | undefined;
  store: Store;
  meter: ProgressMeter;
}

/** Answers are in the store, and in `work.answers.rows`, before their progress is told. */
export async function* scoreTask(
  work: TaskWork,
  { scorer, factors, store, meter }: ScoreTools,
  signal: AbortSignal | undefined,
): AsyncGenerator<Progress | Alert> {
  const { answers, missing, made } = work;
  const items = gatherItems(work);
  const keep = async (rows: readonly ScoreRow[]): Promise<Progress | undefined> => {
    await store.putScores(answers.evaluation, rows);
    for (const row of rows) answers.rows.set(row.item, row);
    const cost = rows.reduce((sum, { item }) => sum + (items.cost.get(item) ?? 0), 0);
    return rows.length > 0 ? meter.advance(rows.length, cost, missing.spec.name) : undefined;
  };
  yield* made.alerts;
  const unasked = await keep(items.unasked);
  if (unasked) yield unasked;
  if (made.requests.length === 0) return;
  for await (const batch of scorer.score(made.requests, factors, signal)) {
    const told = await keep(batch.flatMap(({ index, result }) => items.take(index, result) ?? []));
    if (told) yield told;
    await setImmediate(); // a cancel that waits is heard before the next batch
  }
}

interface Gathered {
  /** Items without a request: an empty text, or a choice that cannot be asked. */
  unasked: ScoreRow[];
  /** Tokens of the requests of each item, by its place in the file. */
  cost: ReadonlyMap<number, number>;
  /** Takes one answer; the item's row once all of its answers are there. */
  take(index: number, result: ScoredRequest): ScoreRow | undefined;
}

interface OpenItem {
  item: number;
  first: number;
  scored: (ScoredRequest | undefined)[];
  left: number;
  tokens: number;
}

/** Requests of an item may come in different batches. */
function gatherItems({ missing, made }: TaskWork): Gathered {
  const open = new Map<number, OpenItem>();
  const cost = new Map<number, number>();
  for (const [index, place] of made.owner.entries()) {
    const item = missing.indices[place] as number;
    const entry = open.get(place) ?? { item, first: index, scored: [], left: 0, tokens: 0 };
    const request = made.requests[index];
    open.set(place, entry);
    entry.scored.push(undefined);
    entry.left += 1;
    entry.tokens += request?.targets.length ?? 0;
    cost.set(item, (cost.get(item) ?? 0) + (request?.input.length ?? 0));
  }
  const unasked = missing.indices
    .filter((_, place) => !open.has(place))
    .map((item) => ({ item, loglikelihoods: [], greedy: [], tokens: 0 }));
  return {
    unasked,
    cost,
    take(index, result) {
      const entry = open.get(made.owner[index] as number);
      if (!entry) return undefined;
      entry.scored[index - entry.first] = result;
      entry.left -= 1;
      return entry.left === 0 ? rowOf(entry) : undefined;
    },
  };
}

function rowOf({ item, scored, tokens }: OpenItem): ScoreRow {
  const all = scored.filter((result) => result !== undefined);
  return {
    item,
    loglikelihoods: all.map(({ loglikelihood }) => loglikelihood),
    greedy: all.map(({ greedy }) => greedy),
    tokens,
  };
}
