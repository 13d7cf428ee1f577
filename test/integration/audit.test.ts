/** The audit of the demo against what PyTorch measured when the demo was made (demo/results.json). */
import { copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { MessageChannel } from "node:worker_threads";
import { createORPCClient } from "@orpc/client";
import { RPCLink } from "@orpc/client/message-port";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { AuditEvent } from "../../src/contract/api.ts";
import { type AuditDocument, type AuditSpec, auditSpec } from "../../src/contract/domain/audit.ts";
import { formatPoints } from "../../src/contract/format.ts";
import { type Engine, openEngine } from "../../src/engine/engine.ts";
import { temporaryFolder } from "../builders/folders.ts";
import type { EngineClient } from "../contract/harness.ts";

const demo = join(import.meta.dirname, "../../demo");
const folder = temporaryFolder("audit");

interface Measured {
  kinds: number;
  grammar: number;
  new: number;
}
interface Results {
  base: Measured;
  runs: (Measured & { name: string; seed: number })[];
  scaling: Record<string, (Measured & { factor: number; arm: string })[]>;
}
const truth: Results = JSON.parse(readFileSync(join(demo, "results.json"), "utf8"));

/** Kinds has 48 items and the new task 150: an item that another processor rounds the other way may flip. */
const oneItem = { kinds: 1.5 / 48, compare: 1.5 / 150 };

const spec: AuditSpec = auditSpec.parse({
  base: join(demo, "base"),
  tuned: ["fft", "lora-r1"].map((label) => ({ label, path: join(demo, label) })),
  tasks: [
    { name: "compare", file: join(demo, "tasks/compare.jsonl"), role: "new" },
    { name: "kinds", file: join(folder, "kinds.jsonl"), role: "retain" },
  ],
  settings: {},
  lambdas: [1, 0.5],
  arms: ["scale", "step"],
  threads: 1,
});

let engine: Engine;
let events: AuditEvent[];
let document: AuditDocument;

beforeAll(async () => {
  copyFileSync(join(demo, "tasks/kinds.jsonl"), join(folder, "kinds.jsonl"));
  engine = openEngine({ workspace: join(folder, "workspace"), threads: 1, roots: [temporaryFolder("elsewhere")] });
  ({ events, document } = await audit(spec));
}, 120_000);
afterAll(() => engine.close());

async function audit(question: AuditSpec): Promise<{ events: AuditEvent[]; document: AuditDocument }> {
  const heard: AuditEvent[] = [];
  for await (const event of await engine.client.audit.run(question)) heard.push(event);
  const last = heard.at(-1);
  if (last?.type !== "finished") throw new Error("the audit did not finish");
  return { events: heard, document: last.document };
}

function accuracy({ rows }: AuditDocument, label: string, task: string, lambda = 1, arm = "scale"): number {
  const row = rows.find((one) => one.label === label && one.task === task && one.lambda === lambda && one.arm === arm);
  if (!row?.acc) throw new Error(`no accuracy of ${label} on ${task} at ${lambda} ${arm}`);
  return row.acc;
}

test("base and runs as trained are as right as PyTorch found them", () => {
  const base = document.baseline.find(({ task }) => task === "kinds");
  expect(Math.abs((base?.value ?? 0) - truth.base.kinds)).toBeLessThan(oneItem.kinds);
  for (const label of ["fft", "lora-r1"]) {
    const run = truth.runs.find(({ name, seed }) => name === label && seed === 1);
    expect(Math.abs(accuracy(document, label, "kinds") - (run?.kinds ?? 0))).toBeLessThan(oneItem.kinds);
    expect(Math.abs(accuracy(document, label, "compare") - (run?.new ?? 0))).toBeLessThan(oneItem.compare);
  }
});

test.each([
  ["scale", "intruder"],
  ["step", "same_step"],
])("the arm %s at λ 0.5 does what PyTorch's %s did", (arm, name) => {
  const measured = truth.scaling["lora-r1"]?.find((one) => one.factor === 0.5 && one.arm === name);
  expect(Math.abs(accuracy(document, "lora-r1", "kinds", 0.5, arm) - (measured?.kinds ?? 0))).toBeLessThan(
    oneItem.kinds,
  );
  expect(Math.abs(accuracy(document, "lora-r1", "compare", 0.5, arm) - (measured?.new ?? 0))).toBeLessThan(
    oneItem.compare,
  );
});

test("a run without intruders has no sweep, and that is no failure", () => {
  expect(document.failures).toEqual([]);
  expect(document.alerts.map(({ code }) => code)).toContain("audit.nothing-to-scale");
  expect(document.rows.filter(({ label, lambda }) => label === "fft" && lambda !== 1)).toEqual([]);
});

test("runs that were scored and measured stand in the confound table; two say nothing yet", () => {
  expect(document.confounds.map(({ n, spearman }) => [n, spearman])).toEqual([
    [2, null],
    [2, null],
    [2, null],
  ]);
  expect(document.findings.find(({ id }) => id === "confounds")?.text).toContain("2 runs have scores and an analysis");
});

test("the table is there before the sweep, and progress never goes back", () => {
  const scored = events.flatMap((event) => (event.type === "scored" ? [`${event.label} ${event.lambda}`] : []));
  expect([...new Set(scored)].slice(0, 3)).toEqual(["base 1", "fft 1", "lora-r1 1"]);
  const done = events.flatMap((event) =>
    event.type === "progress" && event.progress.phase === "score" ? [event.progress.done] : [],
  );
  expect(done).toEqual(done.toSorted((one, other) => one - other));
  expect(events[0]).toMatchObject({ type: "plan", plan: { items: 7 * 198, stored: 0 } });
});

test("weights of the sweep: the control takes a step as long as the intervention's", () => {
  const outcome = (arm: string) => document.sweep.find((point) => point.arm === arm && point.lambda === 0.5)?.weights;
  expect(outcome("step")?.step).toBeCloseTo(outcome("scale")?.step ?? 0, 5);
  expect(outcome("step")?.modules).toBe(13);
});

test("asking again answers from the workspace, and the stored document is the same", async () => {
  const again = await audit(spec);
  expect(again.events[0]).toMatchObject({
    type: "plan",
    plan: { stored: again.document.rows.length === 0 ? 0 : 5 * 198 },
  });
  expect(again.document.rows).toEqual(document.rows);
  const stored = await engine.client.audit.stored(spec);
  expect(stored.rows).toEqual(document.rows);
  expect(stored.flips).toEqual(document.flips);
  expect(stored.findings).toEqual(document.findings);
});

test("beside the weights stands what was measured of old tasks: in documents, files and windows", async () => {
  const pooled = document.sweep.find(({ label, lambda }) => label === "lora-r1" && lambda === 1)?.retention;
  const loss = `lora-r1 ${formatPoints(pooled?.difference ?? 0, 1)} points`;
  const compared = await engine.client.runs.compare({ runs: ["fft", "lora-r1"] });
  const told = compared.findings.filter(({ id }) => id.startsWith("old-tasks"));
  expect(told.map(({ id }) => id)).toEqual(["old-tasks-change"]);
  expect(told[0]?.text).toContain(loss);
  expect(told[0]?.text).not.toContain("not measured");
  const all = await engine.client.runs.all();
  const runs = ["fft", "lora-r1"].map((label) => all.find((run) => run.label === label)?.id ?? "");
  const { content } = await engine.client.runs.render({ runs, format: "json" });
  expect(JSON.parse(content).findings).toContainEqual(told[0]);
  const [stored] = await engine.client.runs.list();
  const file = join(folder, "analysis.json");
  await engine.client.analysis.export({ analysis: stored?.id ?? "", format: "json", file, overwrite: false });
  expect(JSON.parse(readFileSync(file, "utf8")).findings.at(-1)).toMatchObject({ id: "old-tasks-change" });
  // The window names runs only; that it may not open the task's folder itself does not matter.
  expect(await inWindow((window) => window.audit.oldTasks({ runs }))).toEqual(told);
});

async function inWindow<T>(ask: (client: EngineClient) => Promise<T>): Promise<T> {
  const { port1, port2 } = new MessageChannel();
  const connection = engine.connect((message) => port2.postMessage(message));
  port2.on("message", (data) => void connection.message(data));
  port1.start();
  try {
    return await ask(createORPCClient(new RPCLink({ port: port1 })));
  } finally {
    port1.close();
  }
}

test("one item with what every model answered", async () => {
  const flip = document.flips.find(({ kind, task }) => kind === "lost" && task === "kinds");
  const item = await engine.client.audit.item({ ...spec, task: "kinds", index: flip?.index ?? -1 });
  expect(item.answers.map(({ label }) => label).slice(0, 3)).toEqual(["base", "fft", "lora-r1"]);
  expect(item.answers[0]?.prediction).toBe(item.gold[0]);
});

test("a chain: intruders against the base and against the stage before, as counted with torch.linalg.svd", async () => {
  const tuned = ["lora-r1", "lora-r4-hot", "fft"].map((label) => ({ label, path: join(demo, label) }));
  const tasks = spec.tasks.filter(({ name }) => name === "kinds");
  const chain = await audit({ ...spec, tuned, tasks, lambdas: [], sequence: true });
  // Over 28 matrices in float64: top 10 left vectors of the stage, |cos| < 0.5 with every left vector before it.
  expect(chain.document.stages).toMatchObject([
    { stage: 1, label: "lora-r1", intrudersAgainstBase: 14, intrudersAgainstPrevious: 14 },
    { stage: 2, label: "lora-r4-hot", intrudersAgainstBase: 11, intrudersAgainstPrevious: 5 },
    { stage: 3, label: "fft", intrudersAgainstBase: 0, intrudersAgainstPrevious: 5 },
  ]);
  const [first, second] = chain.document.stages;
  expect(second?.forgetting.kinds).toBeCloseTo(1 - (second?.accuracy.kinds ?? 0), 12);
  expect(first?.accuracy.kinds).toBe(accuracy(document, "lora-r1", "kinds"));
  expect(chain.document.alerts.map(({ code }) => code)).toContain("audit.stage-merged");
  // Stages are looked up by their own analyses, so the stored document knows them too.
  const stored = await engine.client.audit.stored({ ...spec, tuned, tasks, lambdas: [], sequence: true });
  expect(stored.stages).toEqual(chain.document.stages);
}, 120_000);
