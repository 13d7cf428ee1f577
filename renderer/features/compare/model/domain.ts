/** The colour domain that all visible runs share. */
import { type Domain, stepDown, stepUp } from "../../../charts/scale.ts";
import type { Metric } from "./metrics.ts";

/** Values beyond these shares do not stretch the scale. */
const lowShare = 0.02;
const highShare = 0.98;

/** Value at a share of a sorted list, by the nearest rank: always one that was measured. */
export function percentile(sorted: readonly number[], share: number): number | undefined {
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))];
}

/** 2nd to 98th percentile, widened to 1-3-10 steps; fixed ends where the metric has them. Undefined without data. */
export function domainOf(metric: Metric, values: Iterable<number>, log: boolean = metric.log): Domain | undefined {
  if (!log && metric.fixed) return { low: metric.fixed[0], high: metric.fixed[1], log: false };
  const sorted = [...values].filter((value) => value > 0 && Number.isFinite(value)).sort((a, b) => a - b);
  const low = percentile(sorted, lowShare);
  const high = percentile(sorted, highShare);
  if (low === undefined || high === undefined) return undefined;
  if (!log) return { low: 0, high: Math.min(metric.most ?? Infinity, stepUp(high)), log: false };
  const from = stepDown(low);
  const to = stepUp(high);
  return { low: from, high: to > from ? to : stepUp(to * 1.5), log: true };
}

/** Ends of a diverging scale, equal on both sides of zero. Values are differences, or log₁₀ of ratios when `ratio`. */
export function differenceDomain(values: Iterable<number>, ratio: boolean): Domain | undefined {
  const sizes = [...values].map(Math.abs).filter((value) => value > 0 && Number.isFinite(value));
  const high = percentile(
    sizes.sort((a, b) => a - b),
    highShare,
  );
  if (high === undefined) return undefined;
  const end = ratio ? Math.log10(stepUp(10 ** high)) : stepUp(high);
  return { low: -end, high: end, log: false };
}

/** While results arrive a domain may grow, and never jumps back. */
export function widen(before: Domain | undefined, now: Domain | undefined): Domain | undefined {
  if (before === undefined || now === undefined || before.log !== now.log) return now ?? before;
  const low = Math.min(before.low, now.low);
  const high = Math.max(before.high, now.high);
  return low === before.low && high === before.high ? before : { low, high, log: now.log };
}

/** `log:0.003:0.3`, the form of an address. */
export function domainText({ low, high, log }: Domain): string {
  return `${log ? "log" : "lin"}:${low}:${high}`;
}

export function parseDomain(text: string | undefined): Domain | undefined {
  const [kind, low, high] = text?.split(":") ?? [];
  const domain = { low: Number(low), high: Number(high), log: kind === "log" };
  if (!(Number.isFinite(domain.low) && domain.high > domain.low)) return undefined;
  return domain.log && domain.low <= 0 ? undefined : domain;
}
