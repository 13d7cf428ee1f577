/** What a chart of risks says at one place of its x axis. */
import { formatSignificant } from "../../src/contract/format.ts";
import { type PlotAxis, type PlotBox, xPosition, yPosition } from "./axis-helpers.ts";
import type { RiskSeries } from "./risk-chart.tsx";
import { nearestIndex, type Tips } from "./tips.ts";

export interface RiskAxes {
  x: PlotAxis;
  y: PlotAxis;
}

export function riskTips(
  box: PlotBox,
  axes: RiskAxes,
  series: readonly RiskSeries[],
  caption: string,
  standing: string,
): Tips {
  const finite = series.flatMap(({ points }) => points.filter(({ y }) => Number.isFinite(y)).map(({ x }) => x));
  const places = [...new Set(finite)].sort((one, other) => one - other);
  const positions = places.map((x) => xPosition(axes.x, box, x));
  const at = ({ points }: RiskSeries, index: number) => points.find(({ x }) => x === places[index])?.y;
  return {
    count: places.length,
    at: (index) => {
      const first = series.map((one) => at(one, index)).find((value) => value !== undefined && Number.isFinite(value));
      return { x: positions[index] ?? 0, y: inside(box, yPosition(axes.y, box, first ?? 1)) };
    },
    nearest: (x) => nearestIndex(positions, x),
    describe: (index) => ({
      title: `${caption} ${formatSignificant(places[index])}`,
      rows: series.flatMap((one) => {
        const value = at(one, index);
        if (value === undefined || !Number.isFinite(value)) return [];
        return [
          {
            label: one.name,
            value: `${one.estimated ? "≈ " : ""}${formatSignificant(value)}${meanText(one, places[index])}`,
          },
        ];
      }),
      standing,
    }),
  };
}

function meanText({ means = [] }: RiskSeries, x: number | undefined): string {
  const mean = means.find((candidate) => candidate.x === x);
  return mean ? `, simulated ${formatSignificant(mean.mean)} ± ${formatSignificant(mean.se, 2)}` : "";
}

function inside(box: PlotBox, y: number): number {
  return Math.max(box.top, Math.min(box.height - box.bottom, y));
}
