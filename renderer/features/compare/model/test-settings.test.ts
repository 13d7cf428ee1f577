/** Deciding again from bounds, at values worked out by hand. */
import { expect, test } from "vitest";
import { appRunOf, exactBounds, moduleRowOf } from "../../../../test/builders/module-rows.ts";
import { createDecider, decide, settingsOf, storedSides } from "./test-settings.ts";

const run = appRunOf("A");
const row = moduleRowOf(run, 0, "q_proj", {
  bounds: {
    left: { lower: [0.2, 0.49, 0.4, 0.9], upper: [0.21, 0.52, 0.45, 0.95], deltaShare: [0.5, 0.2, 0.1, 0.05] },
    right: null,
  },
});

test("an intruder needs its upper bound below ε; bounds on both sides of ε stay undecided", () => {
  expect(decide(row, { k: 4, epsilon: 0.5, side: "left" })).toEqual({
    tested: 4,
    intruders: 2,
    undecided: 1,
    energy: 0.6,
    cosine: { lower: 0.2, upper: 0.21 },
  });
});

test("ε on a bound: equal to the lower is no intruder, equal to the upper is undecided", () => {
  const exact = moduleRowOf(run, 0, "q_proj", { bounds: exactBounds([0.5]) });
  expect(decide(exact, { k: 1, epsilon: 0.5, side: "left" })).toMatchObject({ intruders: 0, undecided: 0 });
  expect(decide(row, { k: 1, epsilon: 0.21, side: "left" })).toMatchObject({ intruders: 0, undecided: 1 });
});

test("a smaller k looks at fewer vectors, a larger one at those that are stored", () => {
  expect(decide(row, { k: 1, epsilon: 0.5, side: "left" })).toMatchObject({ tested: 1, intruders: 1, energy: 0.5 });
  expect(decide(row, { k: 40, epsilon: 0.5, side: "left" })?.tested).toBe(4);
});

test("a side that was not tested has no decision, and is asked once", () => {
  expect(decide(row, { k: 4, epsilon: 0.5, side: "right" })).toBeUndefined();
  const decider = createDecider({ k: 4, epsilon: 0.5, side: "left" });
  expect(decider(row)).toBe(decider(row));
});

test("settings come from the address, within what every run stored", () => {
  const runs = [appRunOf("A", { k: 10, epsilon: 0.4 }), appRunOf("B", { k: 5 })];
  expect(settingsOf(runs, {})).toEqual({ k: 5, epsilon: 0.4, side: "left" });
  expect(settingsOf(runs, { k: 99, eps: 0.7, side: "right" })).toEqual({ k: 5, epsilon: 0.7, side: "right" });
  expect(storedSides([appRunOf("A", { side: "both" }), appRunOf("B", { side: "right" })])).toEqual(["right"]);
});
