/** Sorting, steady order, and text to paste. */
import { describe, expect, test } from "vitest";
import { appRunOf, exactBounds, moduleRowOf } from "../../../../test/builders/module-rows.ts";
import { splitTracks } from "./grid.ts";
import { arrange, parseSort, sortRows, sortText, toggleSort } from "./sort.ts";
import { columns, tableRows } from "./table-rows.ts";
import { createDecider } from "./test-settings.ts";
import { rowsAsTsv } from "./tsv.ts";

const run = appRunOf("A", { label: "=2+3\tevil" });
const decide = createDecider({ k: 4, epsilon: 0.5, side: "left" });
const module = (layer: number, relative: number | null, cosines: number[]) =>
  moduleRowOf(run, layer, "q_proj", { relative, bounds: exactBounds(cosines) });
const source = [module(0, 0.1, [0.9]), module(1, null, [0.1]), module(2, 0.3, [0.1, 0.2]), module(3, 0.2, [0.1])];
const rows = tableRows(splitTracks([run], source), decide);
const layersOf = (list: readonly { row: { layer: number | null } }[]) => list.map(({ row }) => row.layer);

describe("sort", () => {
  test("by several keys, absent values last in both directions", () => {
    expect(layersOf(sortRows(rows, parseSort("-intruders,-change")))).toEqual([2, 3, 1, 0]);
    expect(layersOf(sortRows(rows, parseSort("change")))).toEqual([0, 3, 2, 1]);
    expect(layersOf(sortRows(rows, parseSort("-change")))).toEqual([2, 3, 0, 1]);
  });

  test("an address with unknown columns falls back", () => {
    expect(sortText(parseSort("nonsense"))).toBe("-intruders,-change");
    expect(sortText(parseSort("-k90,nonsense"))).toBe("-k90");
  });

  test("a click starts with the telling end, the next turns it round, Shift adds", () => {
    const first = toggleSort(parseSort(undefined), "erank", false);
    expect(sortText(first)).toBe("-erank");
    expect(sortText(toggleSort(first, "erank", false))).toBe("erank");
    expect(sortText(toggleSort(first, "kind", true))).toBe("-erank,kind");
    expect(sortText(toggleSort(toggleSort(first, "kind", true), "erank", true))).toBe("erank,kind");
  });
});

describe("arrange", () => {
  const keys = parseSort("-change");

  test("new rows go to the end until one sorts again", () => {
    const first = arrange(undefined, "q", rows.slice(0, 2), keys);
    expect(layersOf(first.rows)).toEqual([0, 1]);
    const second = arrange(first, "q", rows, keys);
    expect(layersOf(second.rows)).toEqual([0, 1, 2, 3]);
    expect(second.fresh).toBe(2);
    expect(arrange(second, "q", rows, keys).fresh).toBe(2);
    const again = arrange(second, "q again", rows, keys);
    expect(layersOf(again.rows)).toEqual([2, 3, 0, 1]);
    expect(again.fresh).toBe(0);
  });

  test("a row that changed stays in its place; one that is gone goes", () => {
    const first = arrange(undefined, "q", rows, keys);
    const changed = tableRows(splitTracks([run], [module(0, 0.9, [0.9]), ...source.slice(2)]), decide);
    const second = arrange(first, "q", changed, keys);
    expect(layersOf(second.rows)).toEqual([2, 3, 0]);
    expect(second.rows[2]?.row.relative).toBe(0.9);
    expect(second.fresh).toBe(0);
  });
});

test("rows keep their identity while their module stays", () => {
  expect(tableRows(splitTracks([run], source), decide)).toEqual(rows);
  expect(tableRows(splitTracks([run], source), decide)[0]).toBe(rows[0]);
});

describe("text", () => {
  const shown = columns.filter(({ id }) => ["run", "layer", "intruders", "change"].includes(id));

  test("tabs carry full precision; a label can neither break the row nor run as a formula", () => {
    const lines = rowsAsTsv(rows.slice(0, 2), shown).split("\n");
    expect(lines[0]).toBe("module\trun\tlayer\tintruders\tchange");
    expect(lines[1]).toBe("model.layers.0.q_proj\t'=2+3 evil\t0\t0\t0.1");
    expect(lines[2]).toBe("model.layers.1.q_proj\t'=2+3 evil\t1\t1\t");
  });
});
