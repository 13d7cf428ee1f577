import path from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { afterEach, beforeEach, expect, test } from "vitest";
import { temporaryFolder } from "../../../test/builders/folders.ts";
import { failedModule, plainAnalysis, plainModule, plainRun } from "../../../test/builders/store-records.ts";
import { makeAlert } from "../../contract/alerts.ts";
import { openStore } from "./open-store.ts";
import type { Store } from "./types.ts";

let file: string;
let store: Store;

beforeEach(async () => {
  file = path.join(temporaryFolder("store"), "store.duckdb");
  store = await openStore(file);
});

afterEach(async () => {
  await store.close();
});

function put(...modules: ReturnType<typeof plainModule>[]): Promise<void> {
  return store.putModules(modules.map((module) => ({ analysis: "a", module })));
}

test("what was written is there after closing and opening", async () => {
  await put(plainModule("m"));
  await store.close();
  store = await openStore(file);
  expect(store.recovered).toBeUndefined();
  expect(await store.modules("a")).toStrictEqual([plainModule("m")]);
  expect(await store.modules("b")).toEqual([]);
});

test("the same module again replaces the row", async () => {
  await put(plainModule("m", { seconds: 1 }), plainModule("other"));
  await put(plainModule("m", { seconds: 2 }));
  expect(await store.modules("a", ["m"])).toStrictEqual([plainModule("m", { seconds: 2 })]);
  expect(await store.modules("a")).toHaveLength(2);
});

test("of two rows for one module in the same commit the later one stays", async () => {
  await Promise.all([put(plainModule("m", { seconds: 1 })), put(plainModule("m", { seconds: 2 }))]);
  await put(plainModule("n", { seconds: 1 }), plainModule("n", { seconds: 3 }));
  const seconds = (await store.modules("a", ["m", "n"])).map((module) => module.seconds);
  expect(seconds).toEqual([2, 3]);
});

test("rows of different analyses and names that look alike stay apart", async () => {
  await store.putModules([
    { analysis: "a,b", module: plainModule("c", { seconds: 1 }) },
    { analysis: "a", module: plainModule("b,c", { seconds: 2 }) },
  ]);
  expect((await store.modules("a,b"))[0]?.seconds).toBe(1);
  expect((await store.modules("a"))[0]?.seconds).toBe(2);
});

test("failed modules are kept but not listed, and a measured one takes their place", async () => {
  await put(failedModule("bad"), plainModule("good"));
  expect(await store.storedModules("a")).toEqual(new Set(["good"]));
  expect((await store.modules("a", ["bad"]))[0]?.error?.code).toBe("analysis.not-finite");
  await put(plainModule("bad"));
  expect(await store.storedModules("a")).toEqual(new Set(["bad", "good"]));
});

test("modules by name come in the order asked, without those that are not stored", async () => {
  await put(plainModule("x"), plainModule("y"), plainModule("z"));
  expect((await store.modules("a", ["z", "nowhere", "x", "z"])).map(({ name }) => name)).toEqual(["z", "x"]);
  expect(await store.modules("a", [])).toEqual([]);
});

test("text that is SQL stays text", async () => {
  const name = `'; DROP TABLE module; -- "$1 ?`;
  await put(plainModule(name));
  await store.putAnalysis(plainAnalysis(name, { label: name, path: name }));
  expect((await store.modules("a", [name]))[0]?.name).toBe(name);
  expect((await store.analysis(name))?.label).toBe(name);
});

test("a number that no document may hold is refused, and the rows that wait beside it are written", async () => {
  const good = put(plainModule("good"));
  const bad = put(plainModule("bad", { seconds: Number.NaN }));
  await expect(bad).rejects.toMatchObject({ code: "internal", where: "bad", message: expect.stringContaining("NaN") });
  await good;
  const cosine = plainModule("bad").vectors?.map((vector) => ({ ...vector, pValue: Number.POSITIVE_INFINITY }));
  await expect(put(plainModule("bad", { vectors: cosine ?? null }))).rejects.toMatchObject({ code: "internal" });
  expect(await store.storedModules("a")).toEqual(new Set(["good"]));
});

test("an analysis comes back whole and is replaced under the same id", async () => {
  const adapter = {
    type: "LORA",
    rank: 16,
    alpha: 32,
    scale: 2,
    scaleFormula: "lora_alpha / r",
    variants: ["rslora"],
    targets: ["q_proj"],
    baseModel: null,
  };
  const record = plainAnalysis("a", {
    adapter,
    pairing: { paired: 3, unpaired: [{ name: "head", reason: "tied", detail: "it is the embedding" }] },
  });
  await store.putAnalysis(plainAnalysis("a", { label: "first" }));
  await store.putAnalysis(record);
  expect(await store.analysis("a")).toStrictEqual(record);
  expect(await store.analysis("b")).toBeUndefined();
});

test("a run comes back as it ended, and is not edited afterwards", async () => {
  const running = plainRun("r");
  await store.startRun(running);
  expect(await store.run("r")).toStrictEqual(running);
  const alerts = [{ ...makeAlert("analysis.not-finite", "NaN at 3, 4.", "m"), run: "lora-r16" }];
  const failures = [
    { label: "x", path: "/x", error: { code: "source.empty" as const, message: "empty", retryable: false } },
  ];
  const members = [
    { analysis: "a", label: "one", path: "/1", modules: ["m", "n"] },
    { analysis: "b", label: "two", path: "/2", modules: [] },
    { analysis: "c", label: "three", path: "/3", modules: undefined },
  ];
  const ended = plainRun("r", {
    ...{ state: "finished", finishedAt: "2026-01-02T03:05:00.000Z", seconds: 54.3, embeddings: true },
    ...{ reused: 2, computed: 5, alerts, failures, members },
  });
  await store.finishRun(ended);
  expect(await store.run("r")).toStrictEqual(ended);
  await expect(store.finishRun(plainRun("r", { state: "failed" }))).rejects.toMatchObject({ code: "store.failed" });
  expect(await store.run("r")).toStrictEqual(ended);
});

test("a run whose process died is interrupted at the next opening", async () => {
  await store.startRun(plainRun("dead"));
  await store.startRun(plainRun("ended"));
  await store.finishRun(plainRun("ended", { state: "cancelled" }));
  await store.close();
  store = await openStore(file);
  expect((await store.run("dead"))?.state).toBe("interrupted");
  expect((await store.run("ended"))?.state).toBe("cancelled");
});

test("runs are listed newest first with what is measured of what they asked for", async () => {
  const member = { analysis: "a", label: "one", path: "/1", modules: ["m", "bad", "missing"] };
  await store.putAnalysis(plainAnalysis("a", { kind: "full" }));
  await put(plainModule("m"), plainModule("n"), failedModule("bad"));
  await store.startRun(plainRun("old", { startedAt: "2026-01-01T00:00:00.000Z", members: [member] }));
  await store.startRun(
    plainRun("new", { startedAt: "2026-02-01T00:00:00.000Z", members: [{ ...member, modules: undefined }] }),
  );
  const ends = { finishedAt: null, shard: null };
  const common = { analysis: "a", label: "one", kind: "full", path: "/1", basePath: "/models/base", ...ends };
  expect(await store.listRuns()).toStrictEqual([
    { id: "new", ...common, state: "running", modules: 2 },
    { id: "old", ...common, state: "running", modules: 1 },
  ]);
});

test("a member is found by run, or by label in the newest run", async () => {
  const members = (...labels: string[]) =>
    labels.map((label) => ({ analysis: `of ${label}`, label, path: "/1", modules: undefined }));
  await store.startRun(plainRun("one", { startedAt: "2026-01-01T00:00:00.000Z", members: members("x", "y") }));
  await store.startRun(plainRun("two", { startedAt: "2026-02-01T00:00:00.000Z", members: members("z", "y", "one") }));
  const found = async (name: string) => {
    const answer = await store.findMember(name);
    return answer && [answer.run.id, answer.member.label];
  };
  expect(await found("y")).toEqual(["two", "y"]);
  expect(await found("x")).toEqual(["one", "x"]);
  expect(await found("one")).toEqual(["one", "x"]);
  expect(await found("nowhere")).toBeUndefined();
});

test("a part stands for a label or an analysis only where there is nothing whole", async () => {
  await store.putAnalysis(plainAnalysis("ab"));
  const shard = { index: 1, count: 2 };
  const members = [{ analysis: "ab", label: "x", path: "/1", modules: ["m"] }];
  const newest = async () => [(await store.findMember("x"))?.run.id, (await store.findAnalysis("ab"))?.newest?.run.id];
  await store.startRun(plainRun("part", { startedAt: "2026-02-01T00:00:00.000Z", members, shard }));
  expect(await newest()).toEqual(["part", "part"]);
  expect((await store.listRuns())[0]?.shard).toEqual(shard);
  await store.startRun(plainRun("whole", { startedAt: "2026-01-01T00:00:00.000Z", members }));
  expect(await newest()).toEqual(["whole", "whole"]);
  expect((await store.findMember("part"))?.run.shard).toEqual(shard);
});

test("overlaps are kept for a pair, whichever is named first", async () => {
  await store.putOverlap("b", "a", [{ name: "q", left: [1], right: [0.5], deltaCosine: null }]);
  await store.putOverlap("a", "b", [{ name: "q", left: [0.9], right: [], deltaCosine: -0.1 }]);
  expect(await store.overlap("b", "a")).toEqual([{ name: "q", left: [0.9], right: [], deltaCosine: -0.1 }]);
  expect(await store.overlap("a", "c")).toBeUndefined();
});

test("questions asked at the same time do not disturb each other, and closing waits for them", async () => {
  const names = Array.from({ length: 3000 }, (_, index) => `m${index}`);
  await put(...names.map((name) => plainModule(name)));
  const asked = [store.modules("a", names), store.modules("a"), store.listRuns(), store.modules("a", ["m7"])] as const;
  const writing = put(plainModule("while reading"));
  await store.close();
  const [ordered, all, runs, one] = await Promise.all(asked);
  expect(ordered.map(({ name }) => name)).toEqual(names);
  expect(all).toHaveLength(3000);
  expect([runs.length, one.length]).toEqual([0, 1]);
  await writing;
});

test("long writes and reads let other work of the process in between", async () => {
  const rows = Array.from({ length: 1280 }, (_, index) => ({ analysis: "a", module: plainModule(`m${index}`) }));
  let turns = 0;
  let counting = true;
  const count = (): void => {
    turns += 1;
    if (counting) setImmediate(count);
  };
  setImmediate(count);
  await store.putModules(rows);
  const duringWrite = turns;
  await store.modules("a");
  counting = false;
  expect(duringWrite).toBeGreaterThanOrEqual(20);
  expect(turns - duringWrite).toBeGreaterThanOrEqual(20);
});

test.each([
  ["a number list with infinity", "UPDATE module SET delta_singular_values = [1, 'Infinity'::DOUBLE]"],
  ["a number list with a gap", "UPDATE module SET delta_singular_values = [1, NULL]"],
  ["no number", "UPDATE module SET seconds = 'NaN'::DOUBLE"],
  ["text that is no JSON", "UPDATE module SET sides = '{'"],
  ["JSON of another shape", `UPDATE module SET vectors = '[{"index": "x"}]'`],
  ["an unknown word", "UPDATE module SET delta_method = 'magic'"],
  ["half an error", "UPDATE module SET error_code = 'internal'"],
])("a stranger's row (%s) is refused by name", async (_, change) => {
  await put(plainModule("m"));
  await store.close();
  const instance = await DuckDBInstance.create(file);
  await (await instance.connect()).run(change);
  instance.closeSync();
  store = await openStore(file);
  await expect(store.modules("a")).rejects.toMatchObject({ code: "store.failed" });
  expect(await store.storedModules("a")).toEqual(new Set(["m"]));
});

test("after closing every call is refused, and what was under way is kept", async () => {
  const last = put(plainModule("last"));
  await store.close();
  await last;
  await expect(store.listRuns()).rejects.toMatchObject({ code: "store.failed" });
  await expect(put(plainModule("late"))).rejects.toMatchObject({ code: "store.failed" });
  await store.close();
  store = await openStore(file);
  expect(await store.storedModules("a")).toEqual(new Set(["last"]));
});
