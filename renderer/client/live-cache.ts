/** What the engine tells, merged into the answers that views already hold. */
import type { QueryClient, QueryKey } from "@tanstack/react-query";
import type { ModuleRow } from "../../src/contract/domain/cells.ts";
import type { EngineEvent, Job } from "../../src/contract/domain/job.ts";
import type { TrainingHistory, TrainingRun } from "../../src/contract/domain/training.ts";
import { shortRunId } from "../../src/contract/run-id.ts";

/** Answers that are computed from all rows are asked again at most this often while rows arrive, in milliseconds. */
const refreshPause = 500;
/** Kept while a question for rows is under way: its answer may have been made before they were. */
const heldRows = 50_000;

type Frame = (work: () => void) => void;

export interface LiveCache {
  receive(event: EngineEvent): void;
  /** True while events wait for a frame, or a refresh is due. */
  pending(): boolean;
  /** Everything may have changed: after the engine was away. */
  refreshAll(): void;
  stop(): void;
}

/** Gathers events and applies them once per frame. */
export function liveCache(queries: QueryClient, frame: Frame = (work) => void requestAnimationFrame(work)): LiveCache {
  let waiting: EngineEvent[] = [];
  const held = new Map<string, ModuleRow>();
  const refresh = refresher(queries);
  const unsubscribe = queries.getQueryCache().subscribe((event) => {
    if (event.type !== "updated" || event.action.type !== "success" || event.action.manual) return;
    if (event.query.queryKey[0] === "rows" && held.size > 0)
      mergeInto(queries, event.query.queryKey, [...held.values()]);
    if (!asksForRows(queries)) held.clear();
  });

  function apply(): void {
    const events = waiting;
    waiting = [];
    const rows = events.flatMap((event) => (event.type === "modules" ? event.rows : []));
    if (rows.length > 0) receiveRows(rows);
    for (const event of events) applyEvent(queries, event, refresh);
  }

  function receiveRows(rows: readonly ModuleRow[]): void {
    if (asksForRows(queries)) for (const row of rows) if (held.size < heldRows) held.set(rowKey(row), row);
    for (const { queryKey } of queries.getQueryCache().findAll({ queryKey: ["rows"] }))
      mergeInto(queries, queryKey, rows);
    forgetModules(queries, rows);
    refresh.soon(["findings"], ["runs"], ["energy-curves"]);
  }

  return {
    receive(event) {
      if (waiting.length === 0) frame(apply);
      waiting.push(event);
    },
    pending: () => waiting.length > 0 || refresh.pending(),
    refreshAll: () => void queries.invalidateQueries(),
    stop() {
      unsubscribe();
      refresh.stop();
    },
  };
}

/** Questions that stored answers of evaluations decide; those of one item or a plan too. */
const scoreKeys: QueryKey[] = [["audit"], ["audit-plan"], ["audit-item"], ["audit-questions"], ["old-tasks"]];

function applyEvent(queries: QueryClient, event: EngineEvent, refresh: Refresher): void {
  if (event.type === "hello") queries.setQueryData(["jobs"], event.jobs);
  if (event.type === "library") queries.setQueryData(["library"], event.items);
  if (event.type === "runs-changed") refresh.soon(["runs"], ["rows"], ["findings"], ["energy-curves"], ["workspace"]);
  if (event.type === "scores-changed") refresh.soon(...scoreKeys);
  if (event.type === "pins-changed") refresh.soon(["pins"]);
  if (event.type === "training") receiveTraining(queries, event.run, refresh);
  if (event.type !== "job") return;
  const before = queries.getQueryData<Job[]>(["jobs"]);
  queries.setQueryData(["jobs"], mergeJob(before ?? [], event.job));
  const known = before?.find((job) => job.id === event.job.id);
  if (known?.state !== event.job.state)
    refresh.soon(["runs"], ["findings"], ["energy-curves"], ["run-details"], ["workspace"], ["library"]);
  if (known?.state !== event.job.state) refresh.soon(["training-runs"], ["training-run"], ["sweeps"], ["sweep"]);
}

/** The run itself is known at once; its history and log, and the sweep it belongs to, are asked again. */
function receiveTraining(queries: QueryClient, run: TrainingRun, refresh: Refresher): void {
  queries.setQueryData<TrainingHistory>(["training-run", run.id], (known) => known && { ...known, run });
  queries.setQueryData<TrainingRun[]>(["training-runs"], (known) =>
    known?.map((other) => (other.id === run.id ? run : other)),
  );
  refresh.soon(["training-run", run.id], ["training-log", run.id]);
  if (!queries.getQueryData<TrainingRun[]>(["training-runs"])?.some(({ id }) => id === run.id))
    refresh.soon(["training-runs"]);
  if (run.sweep !== null) refresh.soon(["sweep", run.sweep], ["sweeps"]);
}

/** The job in its place, or at the end. */
export function mergeJob(jobs: readonly Job[], changed: Job): Job[] {
  const known = jobs.some((job) => job.id === changed.id);
  return known ? jobs.map((job) => (job.id === changed.id ? changed : job)) : [...jobs, changed];
}

/** Rows that are there keep their place; new ones follow. The same array when nothing belongs to these runs. */
export function mergeRows(
  rows: readonly ModuleRow[],
  news: readonly ModuleRow[],
  runs: readonly string[],
): ModuleRow[] {
  const changed = new Map<string, ModuleRow>();
  for (const row of news) if (runs.includes(shortRunId(row.analysis))) changed.set(rowKey(row), row);
  if (changed.size === 0) return rows as ModuleRow[];
  const merged = rows.map((row) => {
    const replacement = changed.get(rowKey(row));
    if (replacement) changed.delete(rowKey(row));
    return replacement ?? row;
  });
  return [...merged, ...changed.values()];
}

function rowKey(row: ModuleRow): string {
  return `${row.analysis} ${row.name}`;
}

function mergeInto(queries: QueryClient, key: QueryKey, rows: readonly ModuleRow[]): void {
  const runs = key.slice(1).map(String);
  queries.setQueryData<ModuleRow[]>(key, (known) => known && mergeRows(known, rows, runs));
}

/** One module's whole record is asked again when it is looked at. */
function forgetModules(queries: QueryClient, rows: readonly ModuleRow[]): void {
  const changed = new Set(rows.map((row) => `${shortRunId(row.analysis)} ${row.name}`));
  void queries.invalidateQueries({
    queryKey: ["module"],
    predicate: ({ queryKey }) => changed.has(`${queryKey[1]} ${queryKey[2]}`),
  });
}

function asksForRows(queries: QueryClient): boolean {
  return queries.isFetching({ queryKey: ["rows"] }) > 0;
}

interface Refresher {
  soon(...keys: QueryKey[]): void;
  pending(): boolean;
  stop(): void;
}

/** Asks questions again: the first time at once, then gathered. */
function refresher(queries: QueryClient): Refresher {
  const due = new Map<string, QueryKey>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  function ask(): void {
    timer = due.size > 0 ? setTimeout(ask, refreshPause) : undefined;
    const keys = [...due.values()];
    due.clear();
    for (const queryKey of keys) void queries.invalidateQueries({ queryKey });
  }
  return {
    soon(...keys) {
      for (const key of keys) due.set(key.join(" "), key);
      if (timer === undefined) ask();
    },
    pending: () => due.size > 0,
    stop: () => clearTimeout(timer),
  };
}
