import { expect, test } from "vitest";
import { analysisSettings } from "../../contract/domain/analysis.ts";
import { analysisId, epsilonsFor, ksFor, sidesFor } from "./question.ts";

const defaults = analysisSettings.parse({});

test("the same question has the same id; every setting that changes a number changes it", () => {
  const id = analysisId("base", "tuned", defaults);
  expect(analysisId("base", "tuned", { ...defaults })).toBe(id);
  const changed = [
    { k: 12 },
    { epsilon: 0.4 },
    { side: "right" as const },
    { quick: true },
    { exact: true },
    { asMerged: true },
    { seed: 1 },
  ].map((change) => analysisId("base", "tuned", { ...defaults, ...change }));
  const others = [analysisId("base2", "tuned", defaults), analysisId("base", "tuned2", defaults)];
  expect(new Set([id, ...changed, ...others]).size).toBe(changed.length + others.length + 1);
});

test("the grid holds the asked ε and k exactly once, in rising order", () => {
  expect(epsilonsFor({ ...defaults, epsilon: 0.55 })).toEqual([0.3, 0.4, 0.5, 0.55, 0.6, 0.7, 0.8]);
  expect(epsilonsFor(defaults).filter((epsilon) => epsilon === 0.5)).toHaveLength(1);
  expect(ksFor(defaults)).toEqual([1, 3, 5, 7, 10]);
  expect(ksFor({ ...defaults, k: 1 })).toEqual([1]);
});

test("quick asks for no side, both for two", () => {
  expect(sidesFor({ ...defaults, quick: true })).toEqual([]);
  expect(sidesFor({ ...defaults, side: "both" })).toEqual(["left", "right"]);
});
