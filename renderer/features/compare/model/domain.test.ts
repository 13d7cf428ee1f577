/** Shared colour domains at known percentiles. */
import { expect, test } from "vitest";
import { differenceDomain, domainOf, domainText, parseDomain, percentile, widen } from "./domain.ts";
import { metrics } from "./metrics.ts";

const hundred = Array.from({ length: 100 }, (_, index) => (index + 1) / 1000);

test("percentiles are measured values", () => {
  expect(percentile(hundred, 0.02)).toBe(0.002);
  expect(percentile(hundred, 0.98)).toBe(0.098);
  expect(percentile([], 0.5)).toBeUndefined();
});

test("2nd to 98th percentile, widened to 1-3-10 steps; a few outliers do not stretch it", () => {
  expect(domainOf(metrics.relative, hundred)).toEqual({ low: 0.001, high: 0.1, log: true });
  expect(domainOf(metrics.relative, [...hundred, 50])).toEqual({ low: 0.003, high: 0.1, log: true });
  expect(domainOf(metrics.relative, [0.02, 0.02])).toEqual({ low: 0.01, high: 0.03, log: true });
  expect(domainOf(metrics.relative, [0.01])).toEqual({ low: 0.01, high: 0.03, log: true });
});

test("linear scales start at zero; fixed ends do not move; nothing gives nothing", () => {
  expect(domainOf(metrics.intruders, [0, 0, 1, 2, 4])).toEqual({ low: 0, high: 10, log: false });
  expect(domainOf(metrics.unchanged, [0.4, 0.95])).toEqual({ low: 0, high: 1, log: false });
  expect(domainOf(metrics.energy, [])).toEqual({ low: 0, high: 1, log: false });
  expect(domainOf(metrics.relative, [0.02, 0.2], false)).toEqual({ low: 0, high: 0.3, log: false });
  expect(domainOf(metrics.relative, [])).toBeUndefined();
  expect(domainOf(metrics.relative, [0])).toBeUndefined();
});

test("a difference is centred on zero, in round ratios where it is one", () => {
  expect(differenceDomain([0.3, -0.6], true)).toEqual({ low: -1, high: 1, log: false });
  expect(differenceDomain([0.2, -0.25], false)).toEqual({ low: -0.3, high: 0.3, log: false });
});

test("a domain grows and never jumps back", () => {
  const first = { low: 0.01, high: 0.1, log: true };
  expect(widen(first, { low: 0.03, high: 0.1, log: true })).toBe(first);
  expect(widen(first, { low: 0.03, high: 0.3, log: true })).toEqual({ low: 0.01, high: 0.3, log: true });
  expect(widen(first, undefined)).toBe(first);
  expect(widen(undefined, first)).toBe(first);
});

test("an address carries a locked domain, and nothing else passes for one", () => {
  const domain = { low: 0.003, high: 0.3, log: true };
  expect(parseDomain(domainText(domain))).toEqual(domain);
  for (const text of ["log:0:1", "lin:2:1", "log:x:1", "", undefined]) expect(parseDomain(text)).toBeUndefined();
});
