import { QueryClient, QueryObserver } from "@tanstack/react-query";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { ModuleRow } from "../../src/contract/domain/cells.ts";
import type { EngineEvent, Job } from "../../src/contract/domain/job.ts";
import { liveCache, mergeJob, mergeRows } from "./live-cache.ts";

const runA = "aaaaaaaaaaaa";
const runB = "bbbbbbbbbbbb";

function row(run: string, name: string, relative = 1): ModuleRow {
  return { analysis: `${run}-and-the-rest`, name, relative } as ModuleRow;
}

function job(id: string, state: Job["state"]): Job {
  return { id, state } as Job;
}

let queries: QueryClient;
let frames: (() => void)[];
const draw = () => {
  for (const frame of frames.splice(0)) frame();
};

beforeEach(() => {
  queries = new QueryClient({ defaultOptions: { queries: { staleTime: Number.POSITIVE_INFINITY, retry: false } } });
  frames = [];
});
afterEach(() => {
  vi.useRealTimers();
  queries.clear();
});

function start() {
  return liveCache(queries, (work) => void frames.push(work));
}

const modules = (...rows: ModuleRow[]): EngineEvent => ({ type: "modules", rows });

test("rows that arrive within one frame are merged once, into the questions that asked for their run", () => {
  queries.setQueryData(["rows", runA], [row(runA, "m1")]);
  queries.setQueryData(["rows", runB, runA], [row(runB, "m1")]);
  queries.setQueryData(["rows", runB], [row(runB, "m1")]);
  const other = queries.getQueryData(["rows", runB]);
  let changes = 0;
  queries.getQueryCache().subscribe((event) => {
    if (event.type === "updated" && event.action.type === "success") changes += 1;
  });
  const live = start();
  for (let index = 0; index < 10; index += 1) live.receive(modules(row(runA, `n${index}`)));
  expect([frames.length, changes]).toEqual([1, 0]);
  draw();
  expect(queries.getQueryData<ModuleRow[]>(["rows", runA])).toHaveLength(11);
  expect(queries.getQueryData<ModuleRow[]>(["rows", runB, runA])).toHaveLength(11);
  expect(queries.getQueryData(["rows", runB])).toBe(other);
  live.stop();
});

test("a row that is there already is replaced in its place", () => {
  const rows = [row(runA, "m1"), row(runA, "m2"), row(runA, "m3")];
  const merged = mergeRows(rows, [row(runA, "m2", 7), row(runA, "m4")], [runA]);
  expect(merged.map(({ name, relative }) => `${name} ${relative}`)).toEqual(["m1 1", "m2 7", "m3 1", "m4 1"]);
  expect(merged[0]).toBe(rows[0]);
});

test("a row that arrives while its question is under way survives the older answer", async () => {
  let answer: (rows: ModuleRow[]) => void = () => undefined;
  const asked = queries.fetchQuery({
    queryKey: ["rows", runA],
    queryFn: () => new Promise<ModuleRow[]>((resolve) => (answer = resolve)),
  });
  const live = start();
  live.receive(modules(row(runA, "late")));
  draw();
  answer([row(runA, "early")]);
  await asked;
  expect(queries.getQueryData<ModuleRow[]>(["rows", runA])?.map(({ name }) => name)).toEqual(["early", "late"]);
  live.stop();
});

test("sentences about all rows are asked again at once, then at most twice a second", async () => {
  vi.useFakeTimers();
  const ask = vi.fn(async () => []);
  const observer = new QueryObserver(queries, { queryKey: ["findings", {}], queryFn: ask });
  const stop = observer.subscribe(() => undefined);
  await vi.advanceTimersByTimeAsync(0);
  ask.mockClear();
  const live = start();
  for (let tenth = 0; tenth < 20; tenth += 1) {
    live.receive(modules(row(runA, `m${tenth}`)));
    draw();
    await vi.advanceTimersByTimeAsync(100);
  }
  expect(ask.mock.calls.length).toBeGreaterThanOrEqual(4);
  expect(ask.mock.calls.length).toBeLessThanOrEqual(5);
  await vi.advanceTimersByTimeAsync(1000);
  expect(live.pending()).toBe(false);
  stop();
  live.stop();
});

test("jobs: the first word lists them, later ones replace or follow", () => {
  const live = start();
  live.receive({ type: "hello", jobs: [job("1", "running")] });
  live.receive({ type: "job", job: job("2", "queued") });
  live.receive({ type: "job", job: job("1", "finished") });
  expect(live.pending()).toBe(true);
  draw();
  expect(queries.getQueryData(["jobs"])).toEqual([job("1", "finished"), job("2", "queued")]);
  expect(mergeJob([], job("3", "queued"))).toEqual([job("3", "queued")]);
  live.stop();
});

test("the library is replaced whole", () => {
  const live = start();
  live.receive({ type: "library", items: [] });
  draw();
  expect(queries.getQueryData(["library"])).toEqual([]);
  live.stop();
});

test("the library's counts are asked again when a job ends, not with every step of its progress", () => {
  queries.setQueryData(["library"], []);
  const isStale = () => queries.getQueryState(["library"])?.isInvalidated;
  const live = start();
  live.receive({ type: "hello", jobs: [job("1", "running")] });
  live.receive({ type: "job", job: job("1", "running") });
  draw();
  expect(isStale()).toBe(false);
  live.receive({ type: "job", job: job("1", "finished") });
  draw();
  expect(isStale()).toBe(true);
  live.stop();
});

test("stored answers make every question about forgetting be asked again, once for many events", async () => {
  vi.useFakeTimers();
  const ask = vi.fn(async () => ({}));
  const stop = new QueryObserver(queries, { queryKey: ["audit", { base: "/base" }], queryFn: ask }).subscribe(
    () => undefined,
  );
  for (const key of ["audit-plan", "audit-item", "audit-questions"]) queries.setQueryData([key, "of"], {});
  queries.setQueryData(["runs"], []);
  await vi.advanceTimersByTimeAsync(0);
  ask.mockClear();
  const live = start();
  for (let count = 0; count < 5; count += 1) live.receive({ type: "scores-changed" });
  draw();
  await vi.advanceTimersByTimeAsync(1000);
  expect(ask.mock.calls.length).toBeLessThanOrEqual(2); // at once, then gathered
  expect(ask).toHaveBeenCalled();
  for (const key of ["audit-plan", "audit-item", "audit-questions"]) {
    expect(queries.getQueryState([key, "of"])?.isInvalidated).toBe(true);
  }
  expect(queries.getQueryState(["runs"])?.isInvalidated).toBe(false);
  stop();
  live.stop();
});

test("one module's record is asked again only when that module changed", () => {
  queries.setQueryData(["module", runA, "m1"], {});
  queries.setQueryData(["module", runA, "m2"], {});
  const live = start();
  live.receive(modules(row(runA, "m1")));
  draw();
  expect(queries.getQueryState(["module", runA, "m1"])?.isInvalidated).toBe(true);
  expect(queries.getQueryState(["module", runA, "m2"])?.isInvalidated).toBe(false);
  live.stop();
});
