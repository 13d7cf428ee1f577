/** Alerts and the rounding audit of one module, in words. Pure. */
import type { Alert } from "../../../../src/contract/alerts.ts";
import type { Rounding } from "../../../../src/contract/domain/spectrum.ts";
import { formatCount, formatShare } from "../../../../src/contract/format.ts";

/** Alerts that name this module, and how many others the run has. */
export function alertsOf(alerts: readonly Alert[], module: string): { here: Alert[]; elsewhere: number } {
  const here = alerts.filter(({ where }) => where !== undefined && namesModule(where, module));
  return { here, elsewhere: alerts.length - here.length };
}

/** `layers.1.up_proj` is not `layers.1.up_proj_extra`; `.weight` after the name still is the module. */
function namesModule(where: string, module: string): boolean {
  const at = where.indexOf(module);
  if (at < 0) return false;
  const next = where.slice(at + module.length);
  const before = where.slice(0, at);
  return !/^\w/.test(next) && !/\w$/.test(before);
}

const verdicts: Record<Rounding["verdict"], string> = {
  "cast-only": "Every change is no larger than a cast: nothing here shows training.",
  real: "Both checkpoints are on the same grid, so every changed weight is a real change.",
  blurred: "Every changed weight is a real change, blurred by rounding to the storage type.",
  "above-floor": "The change stands above what rounding alone would give.",
  "within-floor": "The change lies within what rounding alone would give.",
  identical: "Base and tuned hold the same weights.",
};

export function roundingWords({ verdict, aboveEdge, unchangedShare }: Rounding): string {
  const counted =
    verdict === "identical" ? "" : ` ${formatCount(aboveEdge)} singular values of ΔW stand above the rounding floor.`;
  const unchanged = unchangedShare > 0.9 ? ` ${formatShare(unchangedShare)} of the weights did not change.` : "";
  return `${verdicts[verdict]}${counted}${unchanged}`;
}
