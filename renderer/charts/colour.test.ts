/** The scales against the colours of the design, and what makes them readable. */
import { describe, expect, test } from "vitest";
import { colourAt, colourTable, gradientStops, inkOn, luminance, type ScaleKind, type ThemeName } from "./colour.ts";

const published: [ScaleKind, ThemeName, string][] = [
  ["sequential", "light", "#ecf7fa #c6e6f1 #9cd2e8 #72bade #4d9cd0 #417ac1 #4457a7 #433580 #361b51"],
  ["sequential", "dark", "#1d232e #2b2e50 #3a3c75 #3e559a #3578b8 #369ec7 #50bfcc #7fdac5 #c1edb7"],
  ["diverging", "light", "#005d81 #438cac #84b8ce #c1dedc #f4f3f0 #ebd6b8 #dea877 #c3743c #9d4613"],
  ["diverging", "dark", "#7fd2ee #53a0c1 #38708e #2b4559 #1f2226 #46431f #945a31 #cd8747 #f6c076"],
];

function channels(hex: string): number[] {
  return [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
}

test.each(published)("%s %s passes through its published colours", (kind, theme, list) => {
  for (const [index, expected] of list.split(" ").entries()) {
    const ours = channels(colourAt(kind, theme, index / 8));
    for (const [channel, value] of channels(expected).entries()) {
      expect(Math.abs((ours[channel] ?? 0) - value), `${expected} at ${index}/8`).toBeLessThanOrEqual(2);
    }
  }
});

test.each(["light", "dark"] as const)("sequential %s is monotone in luminance", (theme) => {
  const values = colourTable("sequential", theme).map(luminance);
  const sign = theme === "light" ? -1 : 1;
  for (let index = 1; index < values.length; index += 1) {
    expect(sign * ((values[index] ?? 0) - (values[index - 1] ?? 0))).toBeGreaterThanOrEqual(0);
  }
});

function contrast(a: string, b: string): number {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return ((high ?? 0) + 0.05) / ((low ?? 0) + 0.05);
}

describe.each(["light", "dark"] as const)("%s", (theme) => {
  test.each(["sequential", "diverging"] as const)("ink reads on every %s colour", (kind) => {
    for (const colour of colourTable(kind, theme)) expect(contrast(colour, inkOn(colour))).toBeGreaterThanOrEqual(4.5);
  });
});

test("positions outside 0–1 are cut", () => {
  expect(colourAt("sequential", "light", -1)).toBe(colourAt("sequential", "light", 0));
  expect(colourAt("sequential", "light", 2)).toBe(colourAt("sequential", "light", 1));
});

test("gradient runs from end to end", () => {
  const stops = gradientStops("diverging", "dark");
  expect(stops[0]).toEqual({ offset: 0, colour: colourAt("diverging", "dark", 0) });
  expect(stops.at(-1)?.offset).toBe(1);
});
