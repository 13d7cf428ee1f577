import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { MessageChannel } from "node:worker_threads";
import { createORPCClient } from "@orpc/client";
import { RPCLink } from "@orpc/client/message-port";
import { afterAll, beforeAll, expect, test } from "vitest";
import { analysisSettings } from "../../src/contract/domain/analysis.ts";
import { editSpec } from "../../src/contract/domain/edit.ts";
import type { EvaluationDocument } from "../../src/contract/domain/evaluation.ts";
import type { JobQuestion } from "../../src/contract/domain/job.ts";
import { type RunConfig, runConfig, sweepSpec } from "../../src/contract/domain/training.ts";
import { openEngine } from "../../src/engine/engine.ts";
import { writeCheckpoint } from "../builders/checkpoint.ts";
import { temporaryFolder } from "../builders/folders.ts";
import { type EngineClient, failureOf } from "./harness.ts";

const allowed = temporaryFolder("allowed");
const outside = writeCheckpoint(join(temporaryFolder("outside"), "model"));
const inside = writeCheckpoint(join(allowed, "model"));
const engine = openEngine({ workspace: temporaryFolder("workspace"), roots: [allowed] });
const { port1, port2 } = new MessageChannel();
let client: EngineClient;

beforeAll(() => {
  const connection = engine.connect((message) => port2.postMessage(message));
  port2.on("message", (data) => void connection.message(data));
  port1.start();
  client = createORPCClient(new RPCLink({ port: port1 }));
});
afterAll(async () => {
  port1.close();
  await engine.close();
});

const question = (base: string, path: string): JobQuestion => ({
  kind: "analysis",
  spec: { base, tuned: [{ label: "x", path }], settings: analysisSettings.parse({}), embeddings: false },
});

/** To what opens sources a Hub id; to a file system a way out of the present folder. */
const climbing = "hf://../../../../../../outside/x.csv";
const task = join(allowed, "task.jsonl");
const table = { analysis: "a", format: "csv" } as const;
const average = { edit: "average", out: join(allowed, "mean") } as const;

const tasksOf = (file: string) => ({ tasks: [{ name: "t", file }], settings: {} });
const auditOf = (base: string, file: string) => ({ base, tuned: [{ label: "x", path: inside }], ...tasksOf(file) });
const editQuestion = (changes: object): JobQuestion => ({
  kind: "edit",
  spec: editSpec.parse({ edit: "merge", tuned: inside, out: join(allowed, "merged"), ...changes }),
});
const document: EvaluationDocument = {
  ...{ schema: "deltascope.evaluation/1", version: "0", adapter: null, intervention: null },
  model: { path: inside, fingerprint: "f" },
  settings: {
    ...{ maxLength: 2, prefixToken: 0, vocabRows: 1, threads: 1, packed: false },
    ...{ vocab: "model", seed: 0, chatTemplate: false },
  },
  provenance: { method: "", merged: null, requests: 0, rows: 0, tokens: 0, reused: 0, seconds: 0 },
  ...{ tasks: [], perplexity: [], alerts: [] },
};

const recipeOf = (base: string) => ({ base: { path: base }, data: { files: [{ path: task, format: "choice" }] } });
const sweepOf = (base: string, file: string) =>
  sweepSpec.parse({ name: "s", recipe: recipeOf(base), axes: {}, tasks: [{ file }] });

const runOf = (base: string, rows: string): RunConfig =>
  runConfig.parse({ run_id: "r", base: { path: base }, data: { files: [{ path: rows, format: "alpaca" }] } });

async function listen(stream: Promise<AsyncIterable<unknown>>): Promise<void> {
  for await (const _ of await stream);
}

test.each<[string, () => Promise<unknown>]>([
  ["inspect", () => client.inspect({ path: outside })],
  ["hub.download", () => listen(client.hub.download({ sources: [inside, outside] }))],
  ["jobs.start, a download", () => client.jobs.start({ kind: "download", spec: { source: outside } })],
  ["library.add", () => client.library.add({ paths: [inside, outside] })],
  ["library.browse", () => client.library.browse({ folder: outside })],
  ["jobs.start, as base", () => client.jobs.start(question(outside, inside))],
  ["jobs.start, as tuned", () => client.jobs.start(question(inside, join(inside, "../../../etc")))],
  ["jobs.start, an edit's base", () => client.jobs.start(editQuestion({ base: outside }))],
  ["jobs.start, an edit's output", () => client.jobs.start(editQuestion({ out: `${outside}/merged` }))],
  ["jobs.start, an edit's output that looks like a Hub id", () => client.jobs.start(editQuestion({ out: climbing }))],
  ["edits.run, a member", () => listen(client.edits.run({ ...average, members: [inside, outside] }))],
  [
    "jobs.start, an audit's task",
    () => client.jobs.start({ kind: "audit", spec: auditOf(inside, `${outside}/t.jsonl`) }),
  ],
  [
    "jobs.start, a fine-tune's folder",
    () => client.jobs.start({ kind: "training", spec: { recipe: recipeOf(inside), out: `${outside}/run` } }),
  ],
  [
    "jobs.start, a sweep's task",
    () => client.jobs.start({ kind: "sweep", spec: { sweep: sweepOf(inside, `${outside}/t.jsonl`) } }),
  ],
  ["training.readSweep", () => client.training.readSweep({ file: `${outside}/sweep.yaml` })],
  ["training.sweepNeeds", () => client.training.sweepNeeds({ sweep: sweepOf(inside, `${outside}/t.jsonl`) })],
  ["training.printJobs", () => client.training.printJobs({ sweep: sweepOf(inside, task), out: `${outside}/sweep` })],
  ["audit.run", () => listen(client.audit.run(auditOf(outside, task)))],
  ["audit.plan", () => client.audit.plan(auditOf(inside, climbing))],
  ["audit.stored", () => client.audit.stored(auditOf(outside, task))],
  ["audit.item", () => client.audit.item({ ...auditOf(inside, `${outside}/t.jsonl`), task: "t", index: 0 })],
  [
    "evaluation.run",
    () => listen(client.evaluation.run({ variant: { base: inside, tuned: outside }, ...tasksOf(task) })),
  ],
  ["evaluation.run, a task", () => listen(client.evaluation.run({ variant: { base: inside }, ...tasksOf(climbing) }))],
  ["evaluation.export", () => client.evaluation.export({ document, file: `${outside}/x.json` })],
  ["analysis.export, a name that looks like a Hub id", () => client.analysis.export({ ...table, file: climbing })],
  ["analysis.export", () => client.analysis.export({ analysis: "a", format: "csv", file: `${outside}/x.csv` })],
  [
    "analysis.shard, a folder",
    () => {
      const { spec } = question(inside, inside) as Extract<JobQuestion, { kind: "analysis" }>;
      return listen(client.analysis.shard({ spec, shard: { index: 1, count: 2 }, folder: `${outside}/part` }));
    },
  ],
  [
    "analysis.shard, a base",
    () => {
      const { spec } = question(outside, inside) as Extract<JobQuestion, { kind: "analysis" }>;
      return listen(client.analysis.shard({ spec, shard: { index: 1, count: 2 }, folder: join(allowed, "part") }));
    },
  ],
  ["analysis.collect", () => listen(client.analysis.collect({ parts: [inside, outside] }))],
  ["theory.export", () => client.theory.export({ content: { format: "csv", rows: [] }, file: `${outside}/x.csv` })],
  ["training.resolve, a file", () => client.training.resolve({ file: `${outside}/recipe.yaml` })],
  ["training.resolve, a folder", () => client.training.resolve({ recipe: {}, folder: outside })],
  ["training.preview, the base", () => client.training.preview(runOf(outside, task))],
  ["training.preview, a file of rows", () => client.training.preview(runOf(inside, `${outside}/rows.jsonl`))],
  ["training.estimate", () => client.training.estimate(runOf(outside, task))],
  ["training.environment", () => client.training.environment({ python: `${outside}/bin/python3` })],
  ["workspace.configure, a Python", () => client.workspace.configure({ python: `${outside}/bin/python3.11` })],
  ["demo", () => client.demo({ folder: outside })],
])("a caller of another process gets nothing outside the allowed folders: %s", async (_, ask) => {
  expect(await failureOf(ask())).toMatchObject({ code: "place.not-allowed" });
});

test.each<[string, () => Promise<unknown>]>([
  ["a fine-tune", () => client.jobs.start({ kind: "training", spec: { recipe: recipeOf(outside) } })],
  ["a sweep", () => client.jobs.start({ kind: "sweep", spec: { sweep: sweepOf(outside, task) } })],
  ["a sweep's grid", () => client.training.plan({ sweep: sweepOf(outside, task) })],
])("a recipe of another process reads nothing outside the allowed folders: %s", async (_, ask) => {
  const { code, message } = await failureOf(ask());
  expect(code).toBe("recipe.invalid");
  expect(message).toMatch(/base\.path: .* is outside the folders that may be opened/);
  expect(await client.training.runs()).toEqual([]);
  expect(await client.training.sweeps()).toEqual([]);
});

test("what was refused was not added; what is allowed is", async () => {
  expect(await client.library.list()).toEqual([]);
  mkdirSync(join(allowed, "sub"));
  expect(await client.library.add({ paths: [inside] })).toMatchObject([{ path: inside, kind: "base" }]);
  expect((await client.library.browse({})).entries.map(({ name }) => name)).toEqual(["model", "sub"]);
});

test("a task that the engine offers may be scored wherever it lies", async () => {
  const offered = (await client.evaluation.tasks()).find(({ name }) => name === "facts");
  expect(offered?.file?.startsWith(allowed)).toBe(false);
  expect(await client.audit.plan(auditOf(inside, offered?.file ?? ""))).toMatchObject({ variants: 2 });
});

test("a recipe may name what comes with the program; other places are problems of their fields", async () => {
  expect((await client.training.resolve({ recipe: { preset: "quick-demo" } })).problems).toEqual([]);
  const values = { preset: "quick-demo", base: { path: outside }, eval: { tasks: [`${outside}/t.jsonl`] } };
  const { problems } = await client.training.resolve({ recipe: values });
  expect(problems.map(({ field }) => field)).toEqual(["base.path", "eval.tasks.0"]);
  for (const { message } of problems) expect(message).toContain("outside the folders that may be opened");
});

test("what is not called Python is not run, wherever it lies", async () => {
  for (const python of [join(allowed, "run.sh"), "python3", join(allowed, "python3;rm")]) {
    expect(await failureOf(client.training.environment({ python }))).toMatchObject({ code: "python.not-usable" });
  }
});

test("the command line, in this process, may name any folder", async () => {
  expect(await engine.client.inspect({ path: outside })).toMatchObject({ kind: "full" });
});

test("an id of the Hub is no path, in its short form either", async () => {
  await client.workspace.configure({ network: "off" });
  for (const path of ["owner/none", "hf://owner/none"]) {
    expect(await failureOf(client.inspect({ path }))).toMatchObject({ code: "hub.network-off" });
  }
  const recipe = { base: { path: "owner/none" }, data: { files: [{ path: "owner/rows", format: "alpaca" }] } };
  const { missing } = await client.training.resolve({ recipe });
  expect(missing).toMatchObject([{ source: "hf://owner/none" }, { source: "hf://datasets/owner/rows" }]);
});
