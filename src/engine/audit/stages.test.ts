import { expect, test } from "vitest";
import { choiceAnswers, choiceTask } from "../../../test/builders/audit-answers.ts";
import { chainFinding } from "./findings/chain.ts";
import type { ScoredVariant } from "./scoring.ts";
import { stageRows } from "./stages.ts";

const facts = choiceTask("facts", 200);
const sums = choiceTask("sums", 100);
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);

function stage(run: number | undefined, wrong: { facts: number[]; sums: number[] }): ScoredVariant {
  const label = run === undefined ? "base" : `stage ${run + 1}`;
  const variant = { run, label, path: label, arm: "scale" as const, lambda: 1, spec: { base: "base" } };
  const answers = [facts, sums].map((task, place) => choiceAnswers(task, place === 0 ? wrong.facts : wrong.sums));
  return { variant, results: new Map(answers.map((result) => [result.task, result])), weights: undefined };
}

test("a loss is tested against the best stage before it, exactly and for the whole chain", () => {
  const base = stage(undefined, { facts: range(0, 20), sums: range(0, 50) });
  const first = stage(0, { facts: range(0, 10), sums: range(0, 5) });
  const second = stage(1, { facts: range(0, 60), sums: range(0, 20) });
  const [one, two] = stageRows([base, first, second], [facts, sums], []);
  // McNemar by hand: 10 and 45 gained by the first stage; 50 and 15 lost by the second. Holm over these four.
  expect(one?.forgettingP?.facts).toBeCloseTo(2 ** -9, 12);
  expect(one?.forgettingP?.sums).toBeCloseTo(3 * 2 ** -44, 20);
  expect(two?.forgettingP?.facts).toBeCloseTo(4 * 2 ** -49, 20);
  expect(two?.forgettingP?.sums).toBeCloseTo(2 * 2 ** -14, 12);
  expect(two?.forgetting).toEqual({ facts: 0.95 - 0.7, sums: 0.95 - 0.8 });
});

test("a loss that may be chance is no finding", () => {
  const base = stage(undefined, { facts: range(0, 20), sums: range(0, 50) });
  const first = stage(0, { facts: range(0, 10), sums: range(0, 5) });
  const second = stage(1, { facts: range(0, 11), sums: range(0, 30) });
  const rows = stageRows([base, first, second], [facts, sums], []);
  expect(rows[1]?.forgetting.facts).toBeCloseTo(0.005, 12);
  expect(chainFinding(rows)[0]?.text).toBe(
    "After the last of 2 stages, stage 2: sums lies 25.0 points below the best stage before (Holm p < 0.05).",
  );
  const same = stageRows([base, first, stage(1, { facts: range(0, 11), sums: range(0, 5) })], [facts, sums], []);
  expect(chainFinding(same)[0]?.text).toBe(
    "After the last of 2 stages, stage 2: no task lies detectably below the best stage before.",
  );
});
