import { expect, test } from "vitest";
import { choiceAnswers, choiceTask, range, textAnswers, textTask } from "../../../test/builders/audit-answers.ts";
import { type AuditSpec, auditSpec } from "../../contract/domain/audit.ts";
import { DeltaScopeError } from "../../contract/errors.ts";
import { findingText } from "../../contract/finding-text.ts";
import type { TaskResult } from "../evaluation/answers.ts";
import type { Task } from "../evaluation/tasks/task.ts";
import { oldTasksFinding } from "./old-tasks.ts";
import type { AuditServices } from "./services.ts";

const facts = choiceTask("facts", 200);
const sums = choiceTask("sums", 100);
const texts = textTask("texts", 30);

type Answers = (path: string, task: Task) => TaskResult | undefined;

/** `lora` forgets 40 of 200 facts and gains 2 of 100 sums; `same` answers as the base; `late` knows only the facts. */
const answersOf: Answers = (path, task) => {
  if (path === "never" || (path === "late" && task !== facts)) return undefined;
  if (task.kind === "text") return textAnswers(task, (index) => (path === "base" ? 70 : 77) + (index % 3));
  const baseWrong = task === sums ? range(0, 10) : [];
  const forgets = path === "lora" || path === "late";
  return choiceAnswers(task, forgets ? (task === facts ? range(0, 40) : range(2, 10)) : baseWrong);
};

function servicesOf(tasks: readonly Task[]): AuditServices {
  const stored = (path: string) => tasks.flatMap((task) => answersOf(path, task) ?? []);
  return {
    threads: 1,
    readTask: async ({ name, file }) => {
      const task = tasks.find(({ spec }) => spec.name === name);
      if (task) return task;
      throw new DeltaScopeError("task.invalid", "nothing there", file);
    },
    scoring: {
      score: () => {
        throw new Error("nothing is scored");
      },
      stored: async ({ variant }) => stored(variant.path),
      answered:
        async () =>
        async ({ variant }) =>
          stored(variant.path).length > 0,
      work: () => {
        throw new Error("nothing is planned");
      },
    },
    weights: {
      base: async (path) => ({ path, fingerprint: "f" }),
      async *measure() {},
      outcome: async () => undefined,
      measuredRuns: () => {
        throw new Error("the whole workspace is not asked");
      },
      stages: async () => [],
    },
  };
}

function ask(tasks: readonly Task[], labels: readonly string[], change: Partial<AuditSpec> = {}) {
  const spec = auditSpec.parse({
    base: "base",
    tuned: labels.map((label) => ({ label, path: label })),
    tasks: tasks.map(({ spec: task }) => task),
    settings: {},
    ...change,
  });
  return oldTasksFinding([spec], runsOf(labels), servicesOf(tasks));
}

function runsOf(labels: readonly string[], baseFingerprint = "f") {
  return labels.map((label) => ({ label, path: label, baseFingerprint }));
}

test("the difference over all old items with its interval; equal answers are no detectable change", async () => {
  const [finding] = await ask([facts, sums], ["same", "never", "lora"], { lambdas: [0.5] });
  // 40 lost and 2 gained of 300.
  expect(finding?.text).toMatch(
    /^Old tasks, as trained: lora −12\.7 points \[−1\d\.\d, −\d\.\d\]; same no detectable change \[.*\] \(95 % intervals, 300 items\); never not measured\.$/,
  );
  expect(finding).toMatchObject({ id: "old-tasks-change", evidence: { view: "forgetting", modules: [] } });
  expect(findingText(finding?.parts ?? [])).toBe(finding?.text);
});

test("a pool with a task missing is no pool: the task that was measured is named", async () => {
  const [finding] = await ask([facts, sums], ["late"]);
  expect(finding?.text).toContain("late on facts −20.0 points [−2");
  expect(finding?.text).toContain("200 items");
});

test("text alone is said in bits per byte", async () => {
  const [finding] = await ask([texts], ["same"]);
  expect(finding?.text).toMatch(
    /same on texts \+0\.\d{3} bits per byte \[\+0\.\d{3}, \+0\.\d{3}\] \(95 % intervals, 30 items\)/,
  );
});

test("nothing stored of these runs says nothing", async () => {
  expect(await ask([facts], ["never"])).toEqual([]);
});

test("of several questions the newest that tells of most runs speaks, whatever models it was asked of", async () => {
  const question = (name: string, base = "base") =>
    auditSpec.parse({ base, tuned: [{ label: "x", path: "x" }], tasks: [{ name, file: name }], settings: {} });
  const told = (...questions: AuditSpec[]) =>
    oldTasksFinding(questions, [...runsOf(["late", "lora"]), ...runsOf(["other"], "g")], servicesOf([facts, sums]));
  // `late` has no answers to the sums, which the newest question is about; the file of another is gone.
  const [finding] = await told(question("gone"), question("sums"), question("facts"));
  expect(finding?.text).toMatch(/late −20\.0 points .*; lora −20\.0 points .*200 items\)\.$/);
  // Runs of another base are neither told nor missed.
  expect(finding?.text).not.toContain("other");
});
