import { expect, test } from "vitest";
import { choiceAnswers, choiceTask, range, textAnswers, textTask } from "../../../test/builders/audit-answers.ts";
import type { AuditEvent } from "../../contract/api.ts";
import { type AuditSpec, auditDocument, auditSpec } from "../../contract/domain/audit.ts";
import { DeltaScopeError } from "../../contract/errors.ts";
import type { TaskResult } from "../evaluation/answers.ts";
import type { Task } from "../evaluation/tasks/task.ts";
import type { MeasuredRun } from "./confounds.ts";
import { planAudit } from "./plan.ts";
import { runAudit } from "./run.ts";
import type { ScoringQuestion } from "./scoring.ts";
import type { AuditServices } from "./services.ts";
import { auditItem, storedAudit } from "./stored.ts";
import type { AuditVariant } from "./variants.ts";

const facts = choiceTask("facts", 200);
const sums = choiceTask("sums", 100);
const fresh = choiceTask("fresh", 100, "new");
const texts = textTask("texts", 30);
const few = textTask("few", 19);

/** The base is right on 90 of 100 sums, on every fact, and on half of the new task. */
const baseWrong: Record<string, number[]> = { facts: [], sums: range(0, 10), fresh: range(0, 50) };

type Wrong = (variant: AuditVariant) => Record<string, number[]>;

/** run lora: 40 facts lost, 5 sums gained and 25 lost, the new task learnt; λ gives some back, `step` as much. */
const loraWrong: Wrong = ({ run, label, lambda, arm }) => {
  if (run === undefined) return baseWrong;
  if (label === "same") return baseWrong;
  if (lambda === 1) return { facts: range(0, 40), sums: range(5, 35), fresh: range(0, 5) };
  const back = Math.round(40 * lambda);
  return { facts: range(0, back), sums: range(5, 35), fresh: arm === "scale" ? range(0, 6) : range(0, 5) };
};

function fake(tasks: readonly Task[], wrong: Wrong, extra: Partial<AuditServices["weights"]> = {}) {
  const kept = new Map<string, TaskResult[]>();
  const asked: string[] = [];
  const key = ({ variant }: ScoringQuestion) => JSON.stringify(variant.spec);
  const answers = ({ tasks: wanted, variant }: ScoringQuestion): TaskResult[] =>
    wanted.map((task) => {
      if (task.kind === "text")
        return textAnswers(task, (index) => (variant.run === undefined ? 70 : 77) + (index % 3));
      return choiceAnswers(task, wrong(variant)[task.spec.name] ?? []);
    });
  const services: AuditServices = {
    threads: 1,
    readTask: async (spec) => {
      const task = tasks.find((entry) => entry.spec.name === spec.name);
      if (task) return task;
      throw new DeltaScopeError("task.invalid", "nothing there", spec.file);
    },
    scoring: {
      async *score(question, signal) {
        signal?.throwIfAborted();
        const { variant } = question;
        asked.push(`${variant.label} ${variant.lambda} ${variant.arm}`);
        if (variant.path === "broken") throw new DeltaScopeError("source.not-found", "There is no broken.", "broken");
        if (variant.path === "full" && variant.lambda !== 1 && variant.arm !== "interpolate") {
          throw new DeltaScopeError("edit.no-intruders", "No module has an intruder.");
        }
        const results = answers(question);
        kept.set(key(question), results);
        for (const result of results) yield { type: "scored", result, stored: false };
      },
      stored: async (question) =>
        (kept.get(key(question)) ?? []).filter(({ task }) => question.tasks.some(({ spec }) => spec.name === task)),
      answered: async () => async (question) => kept.has(key(question)),
      work: async () => ({ items: 100, stored: 40, tokens: 1000, peakMemoryBytes: 5e8, estimatedSeconds: 2 }),
    },
    weights: {
      base: async (path) => ({ path, fingerprint: "f" }),
      async *measure() {},
      outcome: async () => undefined,
      measuredRuns: async () => [],
      stages: async () => [],
      ...extra,
    },
  };
  return { services, asked };
}

function specOf(tasks: readonly Task[], change: Partial<AuditSpec> = {}): AuditSpec {
  return auditSpec.parse({
    base: "base",
    tuned: [{ label: "lora", path: "lora" }],
    tasks: tasks.map(({ spec }) => spec),
    settings: {},
    ...change,
  });
}

async function run(tasks: readonly Task[], spec: AuditSpec, wrong: Wrong = loraWrong, extra = {}) {
  const { services, asked } = fake(tasks, wrong, extra);
  const events: AuditEvent[] = [];
  for await (const event of runAudit(spec, services)) events.push(event);
  const last = events.at(-1);
  if (last?.type !== "finished") throw new Error("not finished");
  return { events, document: auditDocument.parse(last.document), services, asked };
}

test("rows: lost, gained, difference, McNemar, forgetting above chance, by hand", async () => {
  const { document } = await run([facts, sums, fresh], specOf([facts, sums, fresh]));
  const [fact, sum, learnt] = document.rows;
  expect(fact).toMatchObject({ items: 200, baseAcc: 1, acc: 0.8, lost: 40, gained: 0, difference: -0.2 });
  // Chance is a quarter: 0.2 of 0.75 lost.
  expect(fact?.chanceAdjusted).toBeCloseTo(0.2 / 0.75, 12);
  expect(fact?.mcnemarP).toBeCloseTo(2 ** -39, 20);
  expect(fact?.effectSize).toBe(0.5);
  expect(sum).toMatchObject({ lost: 25, gained: 5, effectSize: 25 / 30 - 0.5 });
  expect(sum?.difference).toBeCloseTo(-0.2, 12);
  // P(Bin(30, ½) ≤ 5) = 174,437 / 2^30.
  expect(sum?.mcnemarP).toBeCloseTo((2 * 174437) / 2 ** 30, 12);
  expect(learnt).toMatchObject({ role: "new", lost: 0, gained: 45 });
  // Holm over the three tests of the audit.
  expect(sum?.adjustedP).toBeCloseTo((2 * 174437) / 2 ** 30, 12);
  expect(fact?.adjustedP).toBeCloseTo(2 ** -39 * 2, 18);
  // Benjamini–Hochberg: the largest stays as it is, the second is multiplied by 3/2.
  expect(sum?.fdrP).toBe(sum?.mcnemarP);
  expect(fact?.fdrP).toBeCloseTo(2 ** -39 * 1.5, 18);
  for (const row of document.rows) {
    expect(row.ci95?.[0]).toBeLessThan(row.difference);
    expect(row.ci95?.[1]).toBeGreaterThan(row.difference);
  }
  expect(document.baseline).toEqual([
    { task: "facts", role: "retain", value: 1, items: 200 },
    { task: "sums", role: "retain", value: 0.9, items: 100 },
    { task: "fresh", role: "new", value: 0.5, items: 100 },
  ]);
});

test("flips name item, kind and predictions; nothing else is a flip", async () => {
  const { document } = await run([sums], specOf([sums]));
  const lost = document.flips.filter(({ kind }) => kind === "lost").map(({ index }) => index);
  const gained = document.flips.filter(({ kind }) => kind === "gained").map(({ index }) => index);
  expect(lost).toEqual(range(10, 35));
  expect(gained).toEqual(range(0, 5));
  expect(document.flips[0]).toMatchObject({ index: 0, from: 1, to: 0, nearTie: false, lambda: 1, arm: "scale" });
});

test("the pool holds all items of the old tasks, and the macro mean each task alike", async () => {
  const { document } = await run([facts, sums, fresh], specOf([facts, sums, fresh]));
  const [point] = document.sweep;
  expect(point).toMatchObject({ label: "lora", lambda: 1, pareto: true });
  expect(point?.retention).toMatchObject({ items: 300, lost: 65, gained: 5 });
  expect(point?.retention.difference).toBeCloseTo(-0.2, 12);
  expect(point?.retention.value).toBeCloseTo((160 + 70) / 300, 12);
  expect(point?.retention.macro).toBeCloseTo(-0.2, 12);
  expect(point?.newTask).toMatchObject({ value: 0.95, items: 100 });
});

test("bits per byte by documents; too few of them have no interval, and why", async () => {
  const { document } = await run([texts, few, facts], specOf([texts, few, facts]));
  const [enough, short] = document.rows;
  expect(enough).toMatchObject({ metric: "bits_per_byte", acc: null, mcnemarP: null, adjustedP: null, lost: null });
  expect(enough?.difference).toBeCloseTo(7 / 100 / Math.LN2, 9);
  expect(enough?.ci95?.[0]).toBeCloseTo(7 / 100 / Math.LN2, 9);
  expect(enough?.note).toContain(`word perplexity × ${Math.exp(7 / 20).toFixed(4)}`);
  expect(short?.ci95).toBeNull();
  expect(short?.note).toContain("no interval: 19 documents, at least 20 are needed");
});

test("the sweep: base first, then as trained, then λ by λ; Pareto marks and a control that does as well", async () => {
  const tasks = [facts, sums, fresh];
  const spec = specOf(tasks, { lambdas: [1, 0.9, 0.5], arms: ["scale", "step"] });
  const { document, asked, events } = await run(tasks, spec);
  expect(asked).toEqual([
    "base 1 scale",
    "lora 1 scale",
    ...["0.9", "0.5"].flatMap((l) => [`lora ${l} scale`, `lora ${l} step`]),
  ]);
  expect(events[0]).toMatchObject({ type: "plan", plan: { variants: 6, items: 600, stored: 240, tokens: 6000 } });
  // At 0.5 20 facts are back; `step` keeps one more item of the new task, so it alone is not dominated.
  const best = document.sweep.filter(({ pareto }) => pareto).map(({ arm, lambda }) => `${arm} ${lambda}`);
  expect(best).toEqual(["step 0.5"]);
  const ids = document.findings.map(({ id }) => id);
  expect(ids).toEqual(["forgetting-1", "intervention-1", "control-1"]);
  const control = document.findings.find(({ id }) => id === "control-1");
  expect(control?.text).toContain("lora at λ 0.50: the control arm same step does as well as the intervention");
  const effect = document.findings.find(({ id }) => id === "intervention-1");
  expect(effect?.text).toContain("intruders × 0.50 against as trained: old tasks");
  expect(effect?.text).toContain("λ was chosen on the other half of the items");
  expect(document.alerts).toEqual([]);
});

test("without a control arm the audit warns", async () => {
  const tasks = [facts, fresh];
  const { document } = await run(tasks, specOf(tasks, { lambdas: [0.5], arms: ["scale"] }));
  expect(document.alerts.map(({ code }) => code)).toEqual(["audit.control-missing"]);
  expect(document.findings.map(({ id }) => id)).toContain("control-missing");
});

test("a control that is worse on the old tasks is no warning", async () => {
  const tasks = [facts, fresh];
  const wrong: Wrong = (variant) => {
    if (variant.lambda === 1) return loraWrong(variant);
    return { facts: variant.arm === "scale" ? [] : range(0, 40), fresh: range(0, 5) };
  };
  const { document } = await run(tasks, specOf(tasks, { lambdas: [0.5] }), wrong);
  expect(document.findings.find(({ id }) => id === "specific-1")?.text).toContain("does worse than the intervention");
});

test("no change is said with its interval and items, never as no forgetting", async () => {
  const tasks = [facts, fresh];
  const { document } = await run(tasks, specOf(tasks, { tuned: [{ label: "same", path: "same" }] }));
  const [finding] = document.findings;
  expect(finding?.text).toContain(
    "same: no detectable change on the old tasks (95 % interval 0.0 … 0.0 points, 200 items)",
  );
  expect(document.rows[0]?.note).toContain("with 95 % confidence fewer than 1.5 % of such items do");
  expect(JSON.stringify(document)).not.toContain("no forgetting");
});

test("one run, one task and one missing sweep never end the others", async () => {
  const tasks = [facts, fresh];
  const gone = { name: "gone", file: "gone.jsonl", role: "retain" as const };
  const spec = specOf(tasks, {
    tasks: [...tasks.map((task) => task.spec), gone],
    tuned: ["lora", "broken", "full"].map((label) => ({ label, path: label })),
    lambdas: [0.5],
  });
  const { document, events, asked } = await run(tasks, spec);
  expect(document.failures.map(({ label, error }) => [label, error.code])).toEqual([
    ["gone", "task.invalid"],
    ["broken", "source.not-found"],
  ]);
  expect(new Set(document.rows.map(({ label }) => label))).toEqual(new Set(["lora", "full"]));
  expect(document.alerts.map(({ code }) => code)).toEqual(["audit.nothing-to-scale"]);
  expect(events.filter(({ type }) => type === "run-failed")).toHaveLength(2);
  // Nothing to scale is found out once; what cannot be opened is not opened again.
  expect(asked.filter((name) => name.startsWith("full"))).toHaveLength(2);
  expect(asked.filter((name) => name.startsWith("broken"))).toHaveLength(1);
});

test("a run without intruders still has the arms that need none", async () => {
  const tuned = [{ label: "full", path: "full" }];
  const spec = specOf([facts], { tuned, lambdas: [0.5, 0.3], arms: ["scale", "step", "interpolate"] });
  const { document, asked } = await run([facts], spec);
  expect(asked.slice(2)).toEqual(["full 0.5 scale", "full 0.5 interpolate", "full 0.3 interpolate"]);
  expect(document.failures).toEqual([]);
  expect(document.sweep.map(({ arm, lambda }) => `${arm} ${lambda}`)).toEqual([
    "scale 1",
    "interpolate 0.5",
    "interpolate 0.3",
  ]);
});

test("sizes that cannot be measured never void scores", async () => {
  const outcome = () => Promise.reject(new DeltaScopeError("linalg.no-convergence", "did not converge"));
  const { document } = await run([facts], specOf([facts], { lambdas: [0.5] }), loraWrong, { outcome });
  expect(document.failures).toEqual([]);
  expect(document.sweep.map(({ weights }) => weights)).toEqual([null, null, null]);
});

test("errors of one item leave it out on both sides", async () => {
  const { services } = fake([facts], loraWrong);
  const score = services.scoring.score;
  services.scoring.score = async function* (question, signal) {
    for await (const step of score(question, signal)) {
      if (step.type === "scored" && question.variant.run !== undefined && "metrics" in step.result) {
        const perItem = step.result.perItem.filter(({ index }) => index > 1);
        yield { ...step, result: { ...step.result, perItem } };
      } else yield step;
    }
  };
  for await (const event of runAudit(specOf([facts]), services)) {
    if (event.type !== "finished") continue;
    expect(event.document.rows[0]).toMatchObject({ items: 198, lost: 38 });
    expect(event.document.rows[0]?.note).toContain("2 of 200 items are left out on both sides");
  }
});

test("items in groups: the note says what p does not know", async () => {
  const grouped = choiceTask("facts", 200, "retain", (index) => `passage ${index >> 2}`);
  const { document } = await run([grouped], specOf([grouped]));
  const { document: alone } = await run([facts], specOf([facts]));
  const width = (row: (typeof document.rows)[number] | undefined) => (row?.ci95?.[1] ?? 0) - (row?.ci95?.[0] ?? 0);
  expect(width(document.rows[0]) / width(alone.rows[0])).toBeGreaterThan(1.6);
  expect(document.rows[0]?.note).toContain("draws 50 groups of items whole; p takes items as independent");
  expect(document.rows[0]?.detectable).toBeGreaterThan(alone.rows[0]?.detectable ?? 1);
});

test("stored answers give the same document, and only what is stored", async () => {
  const tasks = [facts, sums, fresh];
  const spec = specOf(tasks, { lambdas: [0.5] });
  const { document, services } = await run(tasks, spec);
  const stored = await storedAudit(spec, services);
  const comparable = ({ startedAt: _, seconds: __, ...rest }: typeof document) => rest;
  expect(comparable(stored)).toEqual(comparable(document));
  const wider = await storedAudit({ ...spec, lambdas: [0.5, 0.3] }, services);
  expect(wider.rows).toEqual(stored.rows);
  const { services: empty } = fake(tasks, loraWrong);
  expect((await storedAudit(spec, empty)).rows).toEqual([]);
});

test("one item: its text, and what every stored model answered, as probabilities that add up to 1", async () => {
  const tasks = [facts, fresh];
  const spec = specOf(tasks, { lambdas: [0.5] });
  const { services } = await run(tasks, spec);
  const item = await auditItem({ ...spec, task: "facts", index: 3 }, services);
  expect(item).toMatchObject({ context: "<b>facts 3?</b>", gold: [0], choices: ["yes", "no", "maybe", "never"] });
  expect(item.answers.map(({ run, lambda, arm, prediction }) => [run, lambda, arm, prediction])).toEqual([
    [null, 1, "scale", 0],
    ["lora", 1, "scale", 1],
    ["lora", 0.5, "scale", 1],
    ["lora", 0.5, "step", 1],
  ]);
  for (const { probabilities } of item.answers) expect(probabilities.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 12);
  await expect(auditItem({ ...spec, task: "facts", index: 999 }, services)).rejects.toThrow("place 999");
});

test("stages: what each knows, and what it lost of the best before it, the base included", async () => {
  const wrong: Wrong = ({ run, lambda }) => {
    if (run === undefined || lambda !== 1) return { facts: range(0, 20), fresh: range(0, 50) };
    return run === 0 ? { facts: range(0, 10), fresh: range(0, 5) } : { facts: range(0, 60), fresh: range(0, 20) };
  };
  const tasks = [facts, fresh];
  const tuned = ["first", "second"].map((label) => ({ label, path: label }));
  const weights = [1, 2].map((stage) => ({
    intrudersAgainstBase: stage,
    intrudersAgainstPrevious: 0,
    relativeDelta: 0.1,
  }));
  const { document } = await run(tasks, specOf(tasks, { tuned, sequence: true }), wrong, {
    stages: async () => weights,
  });
  expect(document.stages).toMatchObject([
    { stage: 1, label: "first", intrudersAgainstBase: 1, accuracy: { facts: 0.95, fresh: 0.95 } },
    { stage: 2, label: "second", intrudersAgainstBase: 2, accuracy: { facts: 0.7, fresh: 0.8 } },
  ]);
  expect(document.stages[0]?.forgetting.facts).toBeCloseTo(-0.05, 12);
  expect(document.stages[1]?.forgetting.facts).toBeCloseTo(0.25, 12);
  expect(document.stages[1]?.forgetting.fresh).toBeCloseTo(0.15, 12);
  expect(document.findings.find(({ id }) => id === "chain")?.text).toBe(
    "After the last of 2 stages, second: facts lies 25.0 points and fresh lies 15.0 points below the best stage before (Holm p < 0.05); 2 intruder dimensions against the base, 0 against the stage before.",
  );
});

test("confounds: intruders and size that go together cannot be told apart, and the finding says so", async () => {
  const runs: MeasuredRun[] = [0, 1, 3, 2, 6, 14].map((intruders, place) => ({
    label: `run ${place}`,
    forgetting: [0.01, 0.05, 0.1, 0.08, 0.2, 0.3][place] ?? 0,
    intruders,
    intruderEnergy: intruders / 100,
    deltaFrobenius: [1, 2, 3, 4, 5, 6][place] ?? 0,
  }));
  const { document } = await run([facts], specOf([facts]), loraWrong, { measuredRuns: async () => runs });
  const [count, energy, size] = document.confounds;
  expect(count).toMatchObject({ property: "intruders", n: 6, spearman: 1 });
  expect(count?.pValue).toBeCloseTo(2 / 720, 12);
  expect(energy?.spearman).toBe(1);
  // One pair of neighbours is swapped: 1 − 6·2 / (6·35).
  expect(size?.spearman).toBeCloseTo(1 - 12 / 210, 12);
  const finding = document.findings.find(({ id }) => id === "confounds");
  expect(finding?.text).toContain("Over 6 runs forgetting goes with the intruder count (Spearman 1");
  expect(finding?.text).toContain("cannot tell which of them carries it");
});

test("the plan names the smallest difference that each task can show", async () => {
  const { services } = fake([facts, texts], loraWrong);
  const plan = await planAudit(specOf([facts, texts], { lambdas: [0.5, 0.3] }), services);
  expect(plan).toMatchObject({ variants: 6, items: 600, stored: 240, peakMemoryBytes: 5e8, estimatedSeconds: 12 });
  expect(plan.detectable[0]).toMatchObject({ task: "facts", items: 200 });
  expect(plan.detectable[0]?.difference).toBeCloseTo(2.8016 * Math.sqrt(0.1 / 200), 4);
  expect(plan.detectable[1]).toMatchObject({ task: "texts", difference: null });
});

test.each([
  [{ tasks: [facts.spec, facts.spec] }, "request.invalid"],
  [
    {
      tuned: [
        { label: "a", path: "x" },
        { label: "a", path: "y" },
      ],
    },
    "request.invalid",
  ],
  [{ tasks: [{ ...facts.spec, name: "none" }] }, "task.invalid"],
  [{ base: "base", tuned: [{ label: "a", path: "x" }], tasks: [{ ...facts.spec, name: "gone" }] }, "task.invalid"],
])("a question that has no answer is refused: %#", async (change, code) => {
  await expect(run([facts], specOf([facts], change as Partial<AuditSpec>))).rejects.toMatchObject({ code });
});

test("a cancelled audit ends as cancelled", async () => {
  const { services } = fake([facts], loraWrong);
  const abort = new AbortController();
  const events = async () => {
    for await (const event of runAudit(specOf([facts]), services, abort.signal)) {
      if (event.type === "scored") abort.abort(new DeltaScopeError("job.cancelled", "stop"));
    }
  };
  await expect(events()).rejects.toMatchObject({ code: "job.cancelled" });
});
