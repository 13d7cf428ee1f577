import { expect, test } from "vitest";
import type { AppRun, ModuleRow } from "../../../../src/contract/domain/cells.ts";
import {
  chosenKind,
  chosenRuns,
  inRange,
  kindsOf,
  layerChoices,
  layerRows,
  parseLayers,
  tailChoice,
} from "./choice.ts";
import { definitionLine, exponents, rankOf, ranksByLayer, shortKind } from "./ranks.ts";

function run(id: string, kind: AppRun["kind"], base = "base-1"): AppRun {
  return { id, analysis: `${id}-analysis`, kind, letter: "A", base: { fingerprint: base } } as AppRun;
}

function row(
  layer: number | null,
  kind: string,
  entropyRank: number | null,
  changes: Partial<ModuleRow> = {},
): ModuleRow {
  const name = `${layer}.${kind}`;
  return { analysis: "a-analysis", name, layer, kind, entropyRank, status: "measured", ...changes } as ModuleRow;
}

const runs = [run("a", "adapter"), run("b", "full"), run("c", "adapter", "base-2")];

test("runs of the address, else those on the first base", () => {
  expect(chosenRuns(runs, "c,a").map(({ id }) => id)).toEqual(["a", "c"]);
  expect(chosenRuns(runs, undefined).map(({ id }) => id)).toEqual(["a", "b"]);
  expect(chosenRuns(runs, "gone").map(({ id }) => id)).toEqual(["a", "b"]);
  expect(chosenRuns([], undefined)).toEqual([]);
});

test("kinds in network order, down_proj first choice", () => {
  const kinds = kindsOf([row(0, "router", 1), row(0, "down_proj", 1), row(0, "q_proj", 1), row(1, "q_proj", 1)]);
  expect(kinds).toEqual(["q_proj", "down_proj", "router"]);
  expect(chosenKind(kinds, undefined)).toBe("down_proj");
  expect(chosenKind(kinds, "q_proj")).toBe("q_proj");
  expect(chosenKind(kinds, "missing")).toBe("down_proj");
  expect(chosenKind(["router"], undefined)).toBe("router");
  expect(chosenKind([], "q_proj")).toBeUndefined();
});

test("layer ranges", () => {
  expect(parseLayers("24-35")).toEqual({ from: 24, to: 35 });
  expect(parseLayers("9-3")).toEqual({ from: 3, to: 9 });
  expect(parseLayers("7")).toEqual({ from: 7, to: 7 });
  expect(parseLayers(undefined)).toBeUndefined();
  expect([null, 3, 4].map((layer) => inRange(layer, { from: 4, to: 5 }))).toEqual([false, false, true]);
});

test("layer choices: quarters of a deep model, single layers of a shallow one", () => {
  const deep = Array.from({ length: 36 }, (_, layer) => layer);
  expect(layerChoices(deep).map(({ value }) => value)).toEqual(["", "0-8", "9-17", "18-26", "27-35"]);
  expect(layerChoices([3, 1, 2, 0]).map(({ label }) => label)).toEqual(["all 4", "0", "1", "2", "3"]);
  expect(layerChoices([0])).toHaveLength(1);
});

test("the tail starts at the last layer of the full run and follows the address", () => {
  const rows = [
    row(0, "q_proj", 1),
    row(3, "q_proj", 1),
    row(3, "q_proj", 1, { analysis: "b-analysis" }),
    row(2, "q_proj", 1, { analysis: "b-analysis" }),
  ];
  const choose = (search: { tail?: string; at?: number }, range?: { from: number; to: number }) => {
    const choice = tailChoice(runs, rows, "q_proj", search, range);
    return [choice?.run.id, choice?.row?.layer];
  };
  expect(choose({})).toEqual(["b", 3]);
  expect(choose({ tail: "a", at: 0 })).toEqual(["a", 0]);
  expect(choose({ at: 99 })).toEqual(["b", 3]);
  expect(choose({}, { from: 0, to: 2 })).toEqual(["b", 2]);
  expect(tailChoice([], rows, "q_proj", {}, undefined)).toBeUndefined();
});

test("median and range over the modules of a layer; undefined ranks are left out", () => {
  const rows = [row(1, "q_proj", 4), row(1, "up_proj", 10), row(1, "v_proj", 6), row(0, "q_proj", null)];
  expect(ranksByLayer(rows, "entropy", new Map())).toEqual([{ layer: 1, median: 6, low: 4, high: 10, modules: 3 }]);
});

test("every definition has its source", () => {
  const line = row(0, "q_proj", 1, { participation: 2, stableRank: 3, energy90: 4 });
  const squared = new Map([["0.q_proj", 5]]);
  const definitions = ["entropy", "participation", "stable", "energy90", "entropy2"] as const;
  expect(definitions.map((definition) => rankOf(line, definition, squared))).toEqual([1, 2, 3, 4, 5]);
  expect(definitionLine(run("a", "full"), [line], squared)).toMatchObject({
    layers: 1,
    medians: { entropy: 1, entropy2: 5, participation: 2, stable: 3, energy90: 4 },
  });
});

test("exponents of one layer beside their median", () => {
  const rows = [
    row(0, "q_proj", 1, { decayExponent: 0.4, decayLaw: "power" }),
    row(1, "q_proj", 1, { decayExponent: 0.6, decayLaw: "neither" }),
    row(1, "up_proj", 1, { decayExponent: null, decayLaw: null }),
  ];
  expect(exponents(rows, ["q_proj", "up_proj"], 1)).toEqual([
    { kind: "q_proj", here: 0.6, fits: false, median: 0.5 },
    { kind: "up_proj", here: null, fits: false, median: undefined },
  ]);
  expect(shortKind("gate_proj")).toBe("gate");
});

test("rows outside the layers and failed ones are left out", () => {
  expect(
    layerRows([row(null, "embed", 1), row(0, "q_proj", 1, { status: "failed" }), row(0, "q_proj", 1)]),
  ).toHaveLength(1);
});
