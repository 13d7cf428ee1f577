/** Rows by their number of tokens, with the cut-off. */
import { useCallback, useMemo } from "react";
import { formatCount, formatNumberOf, formatTick } from "../../src/contract/format.ts";
import { type PlotAxis, type PlotBox, xPosition, yPosition } from "./axis-helpers.ts";
import { ChartFigure } from "./chart-figure.tsx";
import styles from "./plot.module.css";
import { Plot } from "./plot.tsx";
import { ticks } from "./scale.ts";
import { nearestIndex, type Tips } from "./tips.ts";
import type { Size } from "./use-size.ts";

export interface TokenHistogramProps {
  /** Rising bounds; rows with more tokens than the bin before, up to `upTo`. */
  bins: readonly { upTo: number; rows: number }[];
  /** Tokens kept of a row. */
  cutoff: number;
}

const margins = { left: 36, right: 10, top: 8, bottom: 20 };

export function TokenHistogram({ bins, cutoff }: TokenHistogramProps) {
  const axes = useMemo(() => histogramAxes(bins, cutoff), [bins, cutoff]);
  const table = useMemo(
    () => ({ columns: ["tokens, up to", "rows"], rows: bins.map(({ upTo, rows }) => [upTo, rows]) }),
    [bins],
  );
  const draw = useCallback(
    (size: Size) => {
      const box = { ...size, ...margins };
      return (
        <Plot box={box} {...axes}>
          <Bars box={box} axes={axes} bins={bins} cutoff={cutoff} />
        </Plot>
      );
    },
    [axes, bins, cutoff],
  );
  const tips = useCallback((size: Size) => histogramTips({ ...size, ...margins }, axes, bins), [axes, bins]);
  const most = bins.reduce((best, bin) => (bin.rows > best.rows ? bin : best), bins[0] ?? { upTo: 0, rows: 0 });
  return (
    <ChartFigure
      name="tokens"
      title="Tokens per example"
      label={`Tokens per example: most rows have up to ${formatCount(most.upTo)}; the cut-off is at ${formatCount(cutoff)}.`}
      table={table}
      tips={tips}
      minHeight={120}
    >
      {draw}
    </ChartFigure>
  );
}

interface Axes {
  x: PlotAxis;
  y: PlotAxis;
}

function histogramAxes(bins: TokenHistogramProps["bins"], cutoff: number): Axes {
  const longest = bins.at(-1)?.upTo ?? cutoff;
  // A cut-off far beyond the data would squeeze the bars.
  const high = cutoff <= longest * 1.5 ? Math.max(longest, cutoff) : longest;
  const x = { low: 0, high, log: false };
  const y = { low: 0, high: Math.max(1, ...bins.map(({ rows }) => rows)), log: false };
  return {
    x: { domain: x, ticks: ticks(x, 5), format: formatTick, caption: "" },
    // Rows are counted: a half of one is no place on their axis.
    y: { domain: y, ticks: ticks(y, 4).filter(Number.isInteger), format: formatTick, caption: "" },
  };
}

interface BarsProps extends TokenHistogramProps {
  box: PlotBox;
  axes: Axes;
}

function Bars({ box, axes, bins, cutoff }: BarsProps) {
  const floor = yPosition(axes.y, box, 0);
  const limit = xPosition(axes.x, box, cutoff);
  return (
    <>
      {bins.map(({ upTo, rows }, index) => {
        const from = xPosition(axes.x, box, bins[index - 1]?.upTo ?? 0);
        const top = yPosition(axes.y, box, rows);
        return (
          <rect
            key={upTo}
            x={from + 0.5}
            y={top}
            width={Math.max(1, xPosition(axes.x, box, upTo) - from - 1)}
            height={floor - top}
            fill={upTo > cutoff ? "var(--warn)" : "var(--field)"}
          />
        );
      })}
      {cutoff <= axes.x.domain.high && (
        <line className={styles.reference} x1={limit} x2={limit} y1={box.top} y2={floor} />
      )}
    </>
  );
}

function histogramTips(box: PlotBox, { x, y }: Axes, bins: TokenHistogramProps["bins"]): Tips {
  const middles = bins.map(({ upTo }, index) => xPosition(x, box, (upTo + (bins[index - 1]?.upTo ?? 0)) / 2));
  return {
    count: bins.length,
    at: (index) => ({ x: middles[index] ?? 0, y: yPosition(y, box, bins[index]?.rows ?? 0) }),
    nearest: (px) => nearestIndex(middles, px),
    describe: (index) => ({
      title: `${formatCount((bins[index - 1]?.upTo ?? -1) + 1)}–${formatCount(bins[index]?.upTo)} tokens`,
      rows: [{ label: "examples", value: formatNumberOf(bins[index]?.rows ?? 0, "row") }],
    }),
  };
}
