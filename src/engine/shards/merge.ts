/** Puts the rows of checked parts into the store; of several answers about one module the first stays, if they agree. */
import type { ModuleMeasures, ModuleOverlap } from "../../contract/domain/analysis.ts";
import type { CollectDocument } from "../../contract/domain/part.ts";
import { DeltaScopeError, type ErrorDocument } from "../../contract/errors.ts";
import { failedModule } from "../analysis/measures/module.ts";
import type { OverlapRow } from "../store/part-tables.ts";
import type { ModuleRow, Store, VectorRow } from "../store/types.ts";
import { disagreement } from "./agreement.ts";
import type { Part } from "./part-folder.ts";
import { readRows } from "./part-rows.ts";

/** What was found while parts were put together. */
export interface Merged {
  added: number;
  equal: number;
  stored: number;
  different: CollectDocument["duplicates"]["different"];
  /** Names of modules that some part holds as failed, or that parts contradict each other about, by analysis. */
  failed: Map<string, Set<string>>;
}

export interface Merge {
  found: Merged;
  /** Everything that a part brings; rows that are in the store stay. `took` hears of each heap of modules. */
  take(part: Part, took: (modules: number) => void): Promise<void>;
}

/** @param labelOf what a run is called, by the id of its question */
export function createMerge(store: Store, labelOf: (analysis: string) => string): Merge {
  const found: Merged = { added: 0, equal: 0, stored: 0, different: [], failed: new Map() };
  /** Which part a module came from; absent for what the workspace held before. */
  const origins = new Map<string, Part>();
  const contested = new Set<string>();

  /** The row to keep, if any; `known` is the measured one that the store holds. */
  const settle = (row: ModuleRow, known: ModuleMeasures | undefined, part: Part): ModuleRow | undefined => {
    if (contested.has(keyOf(row))) return undefined;
    if (row.module.status === "failed") {
      setOf(found.failed, row.analysis).add(row.module.name);
      return known === undefined ? row : undefined;
    }
    if (known !== undefined) return settleDuplicate(row, known, part);
    origins.set(keyOf(row), part);
    found.added += 1;
    return row;
  };

  const settleDuplicate = (row: ModuleRow, known: ModuleMeasures, part: Part): ModuleRow | undefined => {
    const origin = origins.get(keyOf(row));
    const what = disagreement(known, row.module);
    if (what === undefined) {
      found[origin ? "equal" : "stored"] += 1;
      return undefined;
    }
    contested.add(keyOf(row));
    const label = labelOf(row.analysis);
    const error = contradiction(row, label, what, origin?.path, part.path).toDocument();
    found.different.push({ run: label, module: row.module.name, error });
    // The workspace's own answer was not brought by these parts and stays.
    if (origin === undefined) return undefined;
    found.added -= 1;
    setOf(found.failed, row.analysis).add(row.module.name);
    return { analysis: row.analysis, module: withoutMeasures(row.module, error) };
  };

  const takeModules = async (rows: ModuleRow[], part: Part, stored: Names): Promise<void> => {
    const known = await measuredRows(store, rows, stored);
    const kept = rows.map((row) => settle(row, known.get(keyOf(row)), part)).filter((row) => row !== undefined);
    await store.putModules(kept);
  };

  return {
    found,
    async take(part, took) {
      const stored = await storedNames(store, part);
      const modules = inBatches<ModuleRow>(async (rows) => {
        await takeModules(rows, part, stored);
        took(rows.length);
      });
      const [vectors, overlaps] = [
        inBatches<VectorRow>((rows) => takeVectors(rows, store)),
        inBatches<OverlapRow>((rows) => takeOverlaps(rows, store)),
      ];
      await readRows(part, { modules: modules.add, vectors: vectors.add, overlaps: overlaps.add });
      for (const batches of [modules, vectors, overlaps]) await batches.flush();
    },
  };
}

/** Each commit looks through the table once; so many rows of the widest matrices have 64 MB. */
const BATCH_ROWS = 512;

/** Small heaps put together. */
function inBatches<Row>(take: (rows: Row[]) => Promise<void>) {
  let waiting: Row[] = [];
  const flush = async (): Promise<void> => {
    const rows = waiting;
    waiting = [];
    if (rows.length > 0) await take(rows);
  };
  const add = async (rows: Row[]): Promise<void> => {
    waiting.push(...rows);
    if (waiting.length >= BATCH_ROWS) await flush();
  };
  return { add, flush };
}

/** Names of measured modules by analysis. */
type Names = ReadonlyMap<string, ReadonlySet<string>>;

/** A part holds each module once, so what it brings itself need not be looked up. */
async function storedNames(store: Store, { manifest }: Part): Promise<Names> {
  const names = manifest.runs.map(async ({ analysis }) => [analysis, await store.storedModules(analysis)] as const);
  return new Map(await Promise.all(names));
}

function keyOf({ analysis, module }: ModuleRow): string {
  return `${analysis} ${module.name}`;
}

/** A module of which nothing is believed: `analyze` measures it again. */
function withoutMeasures(module: ModuleMeasures, error: ErrorDocument): ModuleMeasures {
  const { name, shape, layer, kind, group, expert } = module;
  return failedModule({ name, shape, role: { layer, kind, group, expert } }, error);
}

function setOf(sets: Map<string, Set<string>>, key: string): Set<string> {
  const set = sets.get(key) ?? new Set();
  sets.set(key, set);
  return set;
}

function contradiction(
  { module }: ModuleRow,
  label: string,
  what: string,
  first: string | undefined,
  second: string,
): DeltaScopeError {
  const places = `${first ?? "the workspace"} and ${second}`;
  const message = `${module.name} of ${label}: ${places} hold different numbers: ${what}.`;
  return new DeltaScopeError("part.contradiction", message, module.name);
}

/** What the store has measured already of these modules. */
async function measuredRows(
  store: Store,
  rows: readonly ModuleRow[],
  stored: Names,
): Promise<Map<string, ModuleMeasures>> {
  const known = new Map<string, ModuleMeasures>();
  const there = rows.filter(({ analysis, module }) => stored.get(analysis)?.has(module.name));
  for (const [analysis, group] of Map.groupBy(there, (row) => row.analysis)) {
    const names = group.map(({ module }) => module.name);
    for (const module of await store.modules(analysis, names)) known.set(keyOf({ analysis, module }), module);
  }
  return known;
}

async function takeVectors(rows: readonly VectorRow[], store: Store): Promise<void> {
  const analyses = [...new Set(rows.map(({ analysis }) => analysis))];
  const known = new Map<string, ReadonlySet<string>>();
  for (const analysis of analyses) known.set(analysis, await store.storedVectors(analysis));
  await store.putVectors(rows.filter(({ analysis, vector }) => !known.get(analysis)?.has(vector.name)));
}

async function takeOverlaps(rows: readonly OverlapRow[], store: Store): Promise<void> {
  for (const group of Map.groupBy(rows, ({ first, second }) => `${first} ${second}`).values()) {
    const [{ first, second }] = group as [OverlapRow];
    const known: ModuleOverlap[] = (await store.overlap(first, second)) ?? [];
    const names = new Set(known.map(({ name }) => name));
    const added = group.map(({ module }) => module).filter(({ name }) => !names.has(name));
    if (added.length > 0) await store.putOverlap(first, second, [...known, ...added]);
  }
}
