/** Sizes of the heatmap, and that only changed cells are drawn. */
import { describe, expect, test } from "vitest";
import type { HeatCell, HeatRow } from "./cells.ts";
import { drawRows, type Paints } from "./draw.ts";
import { cellBox, columnAt, columnEdge, columnsWidth, type Geometry, rowHeightFor } from "./geometry.ts";

const geometry: Geometry = { columns: 36, width: 733, rowHeight: 19, gutter: 76, margin: 96 };

describe("geometry", () => {
  test("columns meet on whole pixels and fill the width", () => {
    const edges = Array.from({ length: 37 }, (_, column) => columnEdge(geometry, column));
    expect(edges.every(Number.isInteger)).toBe(true);
    expect([edges[0], edges[36]]).toEqual([0, 733]);
    const widths = edges.slice(1).map((edge, index) => edge - (edges[index] ?? 0));
    expect(Math.max(...widths) - Math.min(...widths)).toBeLessThanOrEqual(1);
  });

  test("a pixel belongs to the cell that is drawn there", () => {
    for (let column = 0; column < 36; column += 1) {
      const { x, width } = cellBox(geometry, 0, column);
      expect(columnAt(geometry, x + width / 2)).toBe(column);
    }
    expect(columnAt(geometry, -5)).toBe(0);
    expect(columnAt(geometry, 9999)).toBe(35);
  });

  test("rows between 12 and 24 pixels; readable ones where they scroll anyway", () => {
    expect(rowHeightFor(510, 110, 21)).toBe(19);
    expect(rowHeightFor(2000, 110, 21)).toBe(24);
    expect(rowHeightFor(300, 110, 56)).toBe(16);
  });

  test("few layers do not make cells endlessly wide, many do not make them vanish", () => {
    expect(columnsWidth(1000, 2)).toBe(400);
    expect(columnsWidth(1000, 36)).toBe(828);
    expect(columnsWidth(1000, 1000)).toBe(5000);
  });
});

interface Call {
  name: string;
  values: unknown[];
}

function recorder() {
  const calls: Call[] = [];
  const context = new Proxy({} as Record<string, unknown>, {
    get:
      (_, name) =>
      (...values: unknown[]) =>
        calls.push({ name: String(name), values }),
    set: (_, name, value) => {
      calls.push({ name: `set ${String(name)}`, values: [value] });
      return true;
    },
  });
  return { calls, context: context as unknown as CanvasRenderingContext2D };
}

const paints: Paints = {
  table: Array.from({ length: 256 }, (_, index) => `#0000${index.toString(16).padStart(2, "0")}`),
  sunken: "sunken",
  hatch: "hatch",
  hatchGround: "ground",
  hatchLine: "line",
  badWeak: "badWeak",
  bad: "bad",
  quiet: "quiet",
  font: "11px x",
};
const cell = (changes: Partial<HeatCell> = {}): HeatCell => ({
  state: "value",
  colour: 9,
  marks: 0,
  label: "1 %",
  ...changes,
});
const row = (cells: HeatCell[], id = "q_proj"): HeatRow => ({ id, label: "q", cells });
const three: Geometry = { columns: 3, width: 60, rowHeight: 16, gutter: 76, margin: 96 };

describe("drawing", () => {
  test("everything at first, then only what changed", () => {
    const { context } = recorder();
    const before = [row([cell(), cell(), cell()]), row([cell(), cell(), cell()], "k_proj")];
    expect(drawRows(context, three, before, paints, undefined)).toBe(6);
    const after = [before[0] as HeatRow, row([cell(), cell({ colour: 10 }), cell()], "k_proj")];
    const { context: second, calls } = recorder();
    expect(drawRows(second, three, after, paints, before)).toBe(1);
    expect(calls.filter(({ name }) => name === "clearRect").map(({ values }) => values)).toEqual([
      [19.5, 15.5, 20, 16],
    ]);
    expect(calls.some(({ name, values }) => name === "set fillStyle" && values[0] === "#00000a")).toBe(true);
  });

  test("rings are no matter of the canvas", () => {
    const { context } = recorder();
    const before = [row([cell(), cell(), cell()])];
    expect(drawRows(context, three, [row([cell({ marks: 3 }), cell(), cell()])], paints, before)).toBe(0);
  });

  test.each([
    ["failed", "badWeak", "×"],
    ["waiting", "hatch", undefined],
    ["zero", "sunken", "0"],
    ["absent", undefined, "–"],
    ["estimated", "#000009", "≈"],
  ] as const)("%s cells say so", (state, ground, text) => {
    const { context, calls } = recorder();
    drawRows(context, three, [row([cell({ state }), cell(), cell()])], paints, undefined);
    const first = calls.slice(
      0,
      calls.findIndex((call, index) => index > 2 && call.name === "clearRect"),
    );
    const fills = first.filter(({ name }) => name === "set fillStyle").map(({ values }) => values[0]);
    expect(ground === undefined || fills.includes(ground)).toBe(true);
    expect(first.find(({ name }) => name === "fillText")?.values[0]).toBe(text);
    expect(first.some(({ name }) => name === "stroke")).toBe(state === "estimated");
  });

  test("wide cells carry their value", () => {
    const { context, calls } = recorder();
    drawRows(context, { ...three, width: 300 }, [row([cell(), cell(), cell()])], paints, undefined);
    expect(calls.filter(({ name }) => name === "fillText").map(({ values }) => values[0])).toEqual([
      "1 %",
      "1 %",
      "1 %",
    ]);
  });
});
