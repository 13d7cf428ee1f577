import { expect, test } from "vitest";
import type { KnownTask } from "../../../../src/contract/api.ts";
import type { AuditRow, AuditSpec } from "../../../../src/contract/domain/audit.ts";
import { auditDocumentOf } from "../../../../test/builders/audit-document.ts";
import { firstDraft, parseLambdas, problemsOf, specOfDraft, withFile } from "./draft.ts";
import { comeBack, pairFlips } from "./flips.ts";
import { itemText } from "./item-text.ts";
import { chosenQuestion, pairText, parsePair, type Subject, subjectsOf, viewSpec } from "./question.ts";
import { pathsOf, sweptSubject, usualLambda } from "./sweep.ts";
import { cellOf, isFailureOf, sharedDomain, taskLines } from "./table.ts";

const subject = (label: string, id: string): Subject => ({
  ...{ id, label, path: `/runs/${label}`, letter: id.slice(0, 1).toUpperCase(), run: undefined },
});
const [a, b] = [subject("one", "a".repeat(12)), subject("two", "b".repeat(12))];
const question: AuditSpec = {
  base: "/models/base",
  tuned: [a, b].map(({ label, path }) => ({ label, path })),
  tasks: [
    { name: "old", file: "/t/old.jsonl", role: "retain" },
    { name: "new", file: "/t/new.jsonl", role: "new" },
    { name: "wiki", file: "/t/wiki.jsonl", role: "retain" },
  ],
  settings: { vocab: "model", seed: 0, chatTemplate: false },
  ...{ lambdas: [0.25], arms: ["scale"], which: "strongest", k: 10, epsilon: 0.5, sequence: false },
};
const answers = {
  base: { old: [80, 100] as [number, number], new: [40, 100] as [number, number] },
  measured: [
    { label: "one", tasks: { old: [10, 1, 0.01], new: [2, 30, 0.001] } as Record<string, [number, number, number]> },
    { label: "one", lambda: 0.5, tasks: { old: [4, 1, 0.4], new: [3, 25, 0.001] } as never },
  ],
};
const spec = viewSpec(question, [a, b], 0.6);
const document = auditDocumentOf(spec, answers);

test("everything that may be on screen is asked: the usual λ, those of the last audit, the one of the address", () => {
  expect(spec.lambdas).toEqual([1, 0.9, 0.7, 0.6, 0.5, 0.3, 0.25]);
  expect(spec.arms).toContain("shrink");
});

test("the question of the named runs' base, else the newest", () => {
  const other = { ...question, base: "/models/other" };
  expect(chosenQuestion([other, question], [], [])).toBe(other);
  const run = { id: a.id, base: { path: "/models/base" } } as never;
  expect(chosenQuestion([other, question], [run], [a.id])).toBe(question);
  expect(chosenQuestion([other], [run], [a.id])).toBeUndefined();
});

test("a tuned model that no run knows stands by its path; equal labels are told apart", () => {
  const run = (id: string, letter: string, path: string) =>
    ({ id, letter, path, label: "one", base: { path: "/models/base" } }) as never;
  const found = subjectsOf([run("1", "A", "/x/one"), run("2", "B", "/y/one")], "/models/base", question);
  expect(found.map(({ label, letter }) => [label, letter])).toEqual([
    ["one (A)", "A"],
    ["one (B)", "B"],
    ["one (/runs/one)", undefined],
    ["two", undefined],
  ]);
});

test("pairs go into the address and come back", () => {
  for (const pair of [
    { subject: b, lambda: 1 },
    { subject: a, lambda: 0.35 },
  ]) {
    expect(parsePair(pairText(pair), [a, b], a)).toEqual(pair);
  }
  expect(parsePair("nonsense", [a, b], b)).toEqual({ subject: b, lambda: 1 });
});

test("lines and cells: a text task by its metric, missing where nothing is stored, failed by its name", () => {
  const wiki: AuditRow = {
    ...{ label: "one", task: "wiki", role: "retain" as const, metric: "bits_per_byte" as const, lambda: 1 },
    ...{ arm: "scale" as const, items: 30 },
    ...{ acc: null, baseAcc: null, value: 0.75, baseValue: 0.7, difference: 0.05, ci95: null, mcnemarP: null },
    ...{ adjustedP: null, lost: null, gained: null, chanceAdjusted: null, effectSize: null, detectable: null },
    note: "too few documents",
  };
  const whole = { ...document, rows: [...document.rows, wiki] };
  const lines = taskLines(whole, spec);
  expect(lines.map(({ kind, title }) => `${kind} ${title}`)).toEqual(["new new", "old old", "text wiki"]);
  const context = { document: whole, jobs: [], failures: [] };
  const [, old, text] = lines;
  if (!old || !text) throw new Error("There are three lines.");
  expect(cellOf(context, text, { subject: a, lambda: 1 })).toMatchObject({ difference: 0.05, significant: false });
  expect(cellOf(context, old, { subject: b, lambda: 1 }).state).toBe("missing");
  const failures = [
    { label: "two", path: b.path, error: { code: "source.not-found", message: "gone", retryable: false } },
  ];
  expect(cellOf({ ...context, failures: failures as never }, old, { subject: b, lambda: 1 }).state).toBe("failed");
});

test("a failed model of a sweep is only that model", () => {
  expect(isFailureOf("one λ 0.50 scale", a, 0.5)).toBe(true);
  expect(isFailureOf("one λ 0.50 step", a, 0.5)).toBe(false);
  expect(isFailureOf("one λ 0.50 scale", a, 1)).toBe(false);
  expect(isFailureOf("one λ 0.50 scale", a)).toBe(true);
  expect(isFailureOf("one more", a)).toBe(false);
});

test("the shared axis holds zero and every interval", () => {
  const [line] = taskLines(document, spec).filter(({ kind }) => kind === "old");
  if (!line) throw new Error("There is an old task.");
  const cell = cellOf({ document, jobs: [], failures: [] }, line, { subject: a, lambda: 1 });
  const [low, high] = sharedDomain([cell]);
  expect(low).toBeLessThan(-0.11);
  expect(high).toBeGreaterThan(0);
});

test("a path begins as trained; the run with most points is swept; one half is the usual λ", () => {
  const [path] = pathsOf(document, a, undefined);
  expect(path?.points.map(({ lambda }) => lambda)).toEqual([1, 0.5]);
  expect(pathsOf(document, a, ["step"])).toEqual([]);
  expect(sweptSubject(document, [b, a], undefined)).toBe(a);
  expect(sweptSubject(document, [b, a], b.id)).toBe(b);
  expect(usualLambda([0.9, 0.4, 0.3])).toBe(0.4);
});

test("flips: the largest change first; lost items that are right again at λ", () => {
  const { lost, gained } = pairFlips(document, "old", { subject: a, lambda: 1 });
  expect(lost.map(({ goldChange }) => goldChange)).toEqual(
    lost.map(({ goldChange }) => goldChange).toSorted((x, y) => x - y),
  );
  expect([lost.length, gained.length]).toEqual([10, 1]);
  expect(comeBack(document, "old", { subject: a, lambda: 1 }, 0.5)).toBe(6);
  expect(comeBack(document, "old", { subject: a, lambda: 1 }, 0.3)).toBeUndefined();
});

test("λ as people type it", () => {
  expect(parseLambdas("1, .9; 0.5 0.5")).toEqual([0.9, 0.5]);
  expect(parseLambdas("")).toEqual([]);
  expect(parseLambdas("0.5, 3")).toBeUndefined();
  expect(parseLambdas("half")).toBeUndefined();
});

test("a draft becomes the question; own files get names of their own", () => {
  const ready: KnownTask = {
    ...{ name: "boolq", definition: "boolq", title: "BoolQ", kind: "choice", role: "retain", file: null },
    ...{ items: 3270, repository: "google/boolq" },
  };
  let draft = firstDraft([ready], undefined, [a], "/models/base");
  expect(draft.tasks.map(({ chosen }) => chosen)).toEqual([false]);
  expect(problemsOf(draft).tasks).toBe("Choose at least one task.");
  draft = withFile(withFile(draft, "/x/mine.jsonl"), "/y/mine.jsonl");
  expect(draft.tasks.map(({ name }) => name)).toEqual(["mine-2", "mine", "boolq"]);
  expect(specOfDraft(draft, [a, b], "/models/base", undefined)).toMatchObject({
    tuned: [{ label: "one", path: "/runs/one" }],
    tasks: [
      { name: "mine-2", file: "/y/mine.jsonl", role: "retain" },
      { name: "mine", file: "/x/mine.jsonl", role: "retain" },
    ],
  });
});

test("lines stay lines, every other control character shows", () => {
  expect(itemText("a\r\nb\u0007\u202Ec\td").lines).toEqual(["a", "b␇⟨U+202E⟩c\td"]);
  expect(itemText("x".repeat(30_000)).cut).toBe(true);
});
