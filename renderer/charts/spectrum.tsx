/** Singular values of W0, W and ΔW on log–log axes, with the intruders as diamonds on W. */
import { useCallback, useMemo } from "react";
import { formatCosine, formatShare, formatSignificant, formatTick } from "../../src/contract/format.ts";
import { indexTicks, logDomain, type PlotBox, spectrumIndices, xPosition, yPosition } from "./axis-helpers.ts";
import { ChartFigure } from "./chart-figure.tsx";
import type { ChartTable } from "./chart-table.ts";
import { FloorShade } from "./floor-shade.tsx";
import { baseMark } from "./marks.tsx";
import styles from "./plot.module.css";
import { Plot, type PlotLine } from "./plot.tsx";
import type { RoundingFloor } from "./rounding-floor.ts";
import { ticks } from "./scale.ts";
import { Diamonds, EndNote, HollowDiamonds, type ScaledMark, type SpectrumAxes, StartNote } from "./spectrum-notes.tsx";
import { nearestIndex, type Tips } from "./tips.ts";
import type { Size } from "./use-size.ts";

export interface SpectrumIntruder {
  /** Rank in W, from 1. */
  rank: number;
  singularValue: number;
  best: number;
  /** Share of ‖ΔW‖² along it, where known. */
  share: number | undefined;
}

export interface SpectrumChartProps {
  name: string;
  label: string;
  /** Falling; W0 and W may hold their first values only. */
  base: readonly number[];
  tuned: readonly number[];
  delta: readonly number[];
  /** Length of whole spectra; the axis reaches it whatever is stored. */
  size: number;
  /** Colour of ΔW. */
  colour: string;
  intruders: readonly SpectrumIntruder[];
  /** Vectors at the strength that an intervention would give them. */
  scaled?: readonly ScaledMark[] | undefined;
  /** Rank of the intruder that the table points at. */
  highlighted?: number | undefined;
  /** Words at the end of ΔW: "ΔW stops at 16 = r". */
  endNote?: string | undefined;
  /** Words where W0 and W end early: "W₀, W: first 10 of 128". */
  startNote?: string | undefined;
  /** σ of ΔW below which rounding alone can stand. */
  floor?: RoundingFloor | undefined;
}

const unscaled: readonly ScaledMark[] = [];
const margins = { left: 42, right: 14, top: 22, bottom: 34 };

export function SpectrumChart(props: SpectrumChartProps) {
  const { name, label, base, tuned, delta, size: length, colour, intruders, highlighted } = props;
  const { endNote, startNote, floor, scaled = unscaled } = props;
  const axes = useMemo(() => spectrumAxes(base, tuned, delta, length), [base, tuned, delta, length]);
  const lines = useMemo(() => spectrumLines(base, tuned, delta, colour), [base, tuned, delta, colour]);
  const table = useMemo(() => spectrumTable(base, tuned, delta), [base, tuned, delta]);
  const draw = useCallback(
    (size: Size) => {
      const box = { ...size, ...margins };
      return (
        <Plot
          box={box}
          {...axes}
          lines={lines}
          fullGrid
          ground={floor && <FloorShade box={box} y={axes.y} floor={floor} />}
        >
          <g data-testid="scaled-marks">
            <HollowDiamonds box={box} axes={axes} scaled={scaled} />
          </g>
          <g data-testid="intruder-marks">
            <Diamonds box={box} axes={axes} intruders={intruders} highlighted={highlighted} />
          </g>
          {startNote && <StartNote box={box} axes={axes} tuned={tuned} note={startNote} />}
          {endNote && <EndNote box={box} axes={axes} delta={delta} colour={colour} note={endNote} />}
        </Plot>
      );
    },
    [axes, lines, intruders, highlighted, endNote, startNote, floor, tuned, delta, colour, scaled],
  );
  const tips = useCallback(
    (size: Size) => spectrumTips({ ...size, ...margins }, axes, { base, tuned, delta, intruders }),
    [axes, base, tuned, delta, intruders],
  );
  return (
    <ChartFigure name={name} title="Spectra" label={label} table={table} tips={tips}>
      {draw}
    </ChartFigure>
  );
}

/** Values below this part of the largest one are noise of the computation and would stretch the axis. */
const deepest = 1e-6;

function spectrumAxes(
  base: readonly number[],
  tuned: readonly number[],
  delta: readonly number[],
  size: number,
): SpectrumAxes {
  const all = [...base, ...tuned, ...delta];
  const top = all.reduce((largest, value) => Math.max(largest, value), 0);
  const domain = logDomain(all.filter((value) => value > top * deepest)) ?? { low: 0.1, high: 1, log: true };
  const last = Math.max(2, size);
  return {
    x: { domain: { low: 1, high: last, log: true }, ticks: indexTicks(last), format: formatTick, caption: "index j" },
    y: { domain, ticks: ticks(domain, 6), format: formatTick, caption: "singular value σ" },
  };
}

function spectrumLines(
  base: readonly number[],
  tuned: readonly number[],
  delta: readonly number[],
  colour: string,
): PlotLine[] {
  return [
    { id: "base", points: spectrumPoints(base), ...baseMark },
    { id: "tuned", points: spectrumPoints(tuned), colour: "var(--text)", width: 1.5 },
    { id: "delta", points: spectrumPoints(delta), colour, width: 1.9 },
  ];
}

function spectrumPoints(values: readonly number[]) {
  return spectrumIndices(values.length).flatMap((index) => {
    const y = values[index] ?? 0;
    return y > 0 ? [{ x: index + 1, y }] : [];
  });
}

function spectrumTable(base: readonly number[], tuned: readonly number[], delta: readonly number[]): ChartTable {
  const length = Math.max(base.length, tuned.length, delta.length);
  const at = (values: readonly number[], index: number) => values[index] ?? null;
  return {
    columns: ["j", "σ of W0", "σ of W", "σ of ΔW"],
    rows: Array.from({ length }, (_, index) => [index + 1, at(base, index), at(tuned, index), at(delta, index)]),
  };
}

interface Values {
  base: readonly number[];
  tuned: readonly number[];
  delta: readonly number[];
  intruders: readonly SpectrumIntruder[];
}

function spectrumTips(box: PlotBox, { x, y }: SpectrumAxes, { base, tuned, delta, intruders }: Values): Tips {
  const indices = spectrumIndices(Math.max(base.length, tuned.length, delta.length));
  const positions = indices.map((index) => xPosition(x, box, index + 1));
  const highest = (index: number) => Math.max(base[index] ?? 0, tuned[index] ?? 0, delta[index] ?? 0);
  return {
    count: indices.length,
    at: (at) => ({ x: positions[at] ?? 0, y: yPosition(y, box, highest(indices[at] ?? 0)) }),
    nearest: (px) => nearestIndex(positions, px),
    describe: (at) => {
      const index = indices[at] ?? 0;
      const intruder = intruders.find(({ rank }) => rank === index + 1);
      const row = (name: string, values: readonly number[]) =>
        index < values.length ? [{ label: name, value: formatSignificant(values[index]) }] : [];
      const told = intruder
        ? ([
            { label: "max |cos|", value: formatCosine(intruder.best), tone: "intruder" },
            { label: "Share of ΔW energy", value: formatShare(intruder.share), tone: "intruder" },
          ] as const)
        : [];
      return {
        title: intruder ? `j = ${index + 1}, intruder` : `j = ${index + 1}`,
        rows: [...row("σ of W0", base), ...row("σ of W", tuned), ...row("σ of ΔW", delta), ...told],
      };
    },
    mark: (at) => {
      const index = indices[at] ?? 0;
      const px = positions[at] ?? 0;
      const dots = [base[index], tuned[index], delta[index]].filter((value) => value !== undefined && value > 0);
      return (
        <g>
          <line className={styles.cursor} x1={px} x2={px} y1={box.top} y2={box.height - box.bottom} />
          {dots.map((value) => (
            <circle key={value} className={styles.dot} cx={px} cy={yPosition(y, box, value ?? 0)} r={3} />
          ))}
        </g>
      );
    },
  };
}
