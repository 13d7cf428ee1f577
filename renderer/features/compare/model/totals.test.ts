/** Totals, sensitivity and profile by hand. */
import { expect, test } from "vitest";
import { appRunOf, exactBounds, moduleRowOf } from "../../../../test/builders/module-rows.ts";
import { intruderFact } from "./fact.ts";
import { gridOf, splitTracks } from "./grid.ts";
import { metrics } from "./metrics.ts";
import { layerProfile } from "./profile.ts";
import { gridKs, gridRows, sensitivityGrid } from "./sensitivity.ts";
import { createDecider } from "./test-settings.ts";
import { countedRows, totalsOf } from "./totals.ts";

const run = appRunOf("A");
const settings = { k: 4, epsilon: 0.5, side: "left" } as const;
const decide = createDecider(settings);
const rows = [
  moduleRowOf(run, 0, "q_proj", {
    frobenius: 3,
    relative: 0.3,
    entropyRank: 2,
    bounds: exactBounds([0.2, 0.6, 0.4, 0.9], [0.5, 0.1, 0.2, 0]),
  }),
  moduleRowOf(run, 1, "q_proj", { frobenius: 4, relative: 0.2, entropyRank: 8 }),
  moduleRowOf(run, 1, "k_proj", {
    status: "failed",
    frobenius: null,
    relative: null,
    entropyRank: null,
    bounds: { left: null, right: null },
  }),
  moduleRowOf(run, null, "embed_tokens", { frobenius: 100 }),
];

test("embeddings do not count, unless a run has nothing else", () => {
  expect(countedRows(rows, undefined)).toEqual(rows.slice(0, 3));
  expect(countedRows(rows.slice(3), undefined)).toEqual(rows.slice(3));
  expect(countedRows(rows, { from: 1, to: 1 }, ["q_proj"])).toEqual([rows[1]]);
});

test("totals follow their definitions", () => {
  const totals = totalsOf(countedRows(rows, undefined), decide);
  expect(totals).toMatchObject({
    modules: 3,
    failed: 1,
    intruders: 2,
    undecided: 0,
    withIntruders: 1,
    effectiveRank: 5,
  });
  // Energy: 0.7 · 3² of 3² + 4². Relative: √(9 + 16) / √(10² + 20²).
  expect(totals.energy).toBeCloseTo(6.3 / 25, 12);
  expect(totals.relative).toBeCloseTo(5 / Math.sqrt(500), 12);
});

test("nothing tested is not nought", () => {
  const quick = moduleRowOf(run, 0, "q_proj", { bounds: { left: null, right: null } });
  expect(totalsOf([quick], decide)).toMatchObject({ intruders: null, energy: null });
});

test("the sensitivity grid counts each ε and k anew", () => {
  const [row] = sensitivityGrid(rows.slice(0, 1), [0.5], [1, 2, 3, 4], "left");
  expect(row?.map(({ count }) => count)).toEqual([1, 1, 2, 2]);
  const column = sensitivityGrid(rows.slice(0, 1), [0.1, 0.3, 0.5, 0.7], [4], "left");
  expect(column.map(([cell]) => cell?.count)).toEqual([0, 1, 2, 3]);
  expect(column.map(([cell]) => cell?.energy)).toEqual([0, 0.5, 0.7, 0.8]);
});

test("its axes hold the chosen ε and the stored k", () => {
  expect(gridRows(0.45)).toEqual([0.3, 0.4, 0.45, 0.5, 0.6, 0.7]);
  expect(gridRows(0.5)).toEqual([0.3, 0.4, 0.5, 0.6, 0.7]);
  expect(gridKs(10)).toEqual([1, 2, 3, 5, 10]);
  expect(gridKs(256)).toEqual([10, 20, 50, 100, 200, 256]);
  expect(gridKs(1)).toEqual([1]);
});

test("the profile is the median per layer, once half of a layer is there", () => {
  const layers = [
    ...[0.1, 0.3, 0.2, 0.4].map((relative, index) => moduleRowOf(run, 0, `k${index}`, { relative })),
    moduleRowOf(run, 1, "k0", { relative: 0.9 }),
    ...[0.5, 0.7].map((relative, index) => moduleRowOf(run, 2, `k${index}`, { relative })),
  ];
  const [line] = layerProfile(splitTracks([run], layers), gridOf([run], layers), metrics.relative, decide);
  expect(line?.points.map(({ layer, value }) => [layer, value])).toEqual([
    [0, 0.25],
    [2, 0.6],
  ]);
});

test("the sentence of a module names ranks in W and the range of cosines", () => {
  const [row] = rows;
  expect(row && intruderFact(row, settings)).toEqual({
    ranks: [1, 3],
    lowest: 0.2,
    highest: 0.4,
    least: 0.2,
    tested: 4,
    undecided: 0,
  });
});
