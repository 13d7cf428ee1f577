/** Singular values of one ΔW on log–log axes with the fitted decay law and the rounding floor. */
import { useCallback, useMemo } from "react";
import type { Decay } from "../../src/contract/domain/spectrum.ts";
import { formatSignificant, formatTick, formatTwoDecimals } from "../../src/contract/format.ts";
import {
  indexTicks,
  logDomain,
  type PlotAxis,
  type PlotBox,
  spectrumIndices,
  xPosition,
  yPosition,
} from "./axis-helpers.ts";
import { ChartFigure } from "./chart-figure.tsx";
import { FloorShade } from "./floor-shade.tsx";
import { Mark, runMark } from "./marks.tsx";
import styles from "./plot.module.css";
import { Plot, type PlotLine } from "./plot.tsx";
import type { RoundingFloor } from "./rounding-floor.ts";
import { ticks } from "./scale.ts";
import { type TailFit, tailFit } from "./tail-fit.ts";
import { nearestIndex, type Tips } from "./tips.ts";
import type { Size } from "./use-size.ts";

interface TailChartProps {
  name: string;
  label: string;
  letter: string;
  values: readonly number[];
  decay: Decay | null;
  floor?: RoundingFloor | undefined;
}

const margins = { left: 46, right: 14, top: 20, bottom: 32 };
/** Points of a scatter; more would merge into a line. */
const mostMarks = 60;
const deepest = 1e-5;

export function TailChart({ name, label, letter, values, decay, floor }: TailChartProps) {
  const shown = useMemo(() => resolved(values), [values]);
  const axes = useMemo(() => tailAxes(shown, floor?.edge), [shown, floor]);
  const fit = useMemo(() => decay && tailFit(shown, decay), [shown, decay]);
  const table = useMemo(() => tailTable(shown, fit ?? undefined), [shown, fit]);
  const draw = useCallback(
    (space: Size) => {
      const box = { ...space, ...margins };
      const lines = fit && decay ? [fitLine(fit, decay)] : [];
      return (
        <Plot
          box={box}
          {...axes}
          lines={lines}
          fullGrid
          ground={floor && <FloorShade box={box} y={axes.y} floor={floor} />}
        >
          <Points box={box} axes={axes} values={shown} letter={letter} />
          {fit && decay && <FitNote box={box} axes={axes} fit={fit} decay={decay} />}
        </Plot>
      );
    },
    [axes, shown, fit, decay, letter, floor],
  );
  const tips = useCallback(
    (space: Size) => tailTips({ ...space, ...margins }, axes, shown, fit ?? undefined),
    [axes, shown, fit],
  );
  return (
    <ChartFigure name={name} title="Tail" label={label} table={table} tips={tips}>
      {draw}
    </ChartFigure>
  );
}

/** Values that the computation resolves and an axis can show. */
function resolved(values: readonly number[]): number[] {
  const least = (values[0] ?? 0) * deepest;
  return values.filter((value) => value > least);
}

interface Axes {
  x: PlotAxis;
  y: PlotAxis;
}

function tailAxes(values: readonly number[], edge: number | undefined): Axes {
  const last = Math.max(2, values.length);
  const domain = logDomain(edge === undefined ? values : [...values, edge / 1.5], 1.4) ?? {
    low: 0.1,
    high: 1,
    log: true,
  };
  return {
    x: { domain: { low: 1, high: last, log: true }, ticks: indexTicks(last), format: formatTick, caption: "index j" },
    y: { domain, ticks: ticks(domain, 5), format: formatTick, caption: "σ of ΔW" },
  };
}

function tailTable(values: readonly number[], fit: TailFit | undefined) {
  return {
    columns: ["j", "σ of ΔW", "fit"],
    rows: values.map((value, index) => [index + 1, value, fit && index + 1 <= fit.to ? fit.at(index + 1) : null]),
  };
}

/** A law that describes the values badly is dashed. */
function fitLine(fit: TailFit, decay: Decay): PlotLine {
  const points = spectrumIndices(fit.to).map((index) => ({ x: index + 1, y: fit.at(index + 1) }));
  return {
    id: "fit",
    points,
    colour: "var(--text)",
    width: 1.4,
    dash: decay.law === "neither" ? "5 3" : undefined,
  };
}

function Points({
  box,
  axes: { x, y },
  values,
  letter,
}: {
  box: PlotBox;
  axes: Axes;
  values: readonly number[];
  letter: string;
}) {
  return spectrumIndices(values.length, mostMarks).map((index) => (
    <Mark
      key={index}
      shape={runMark(letter).shape}
      x={xPosition(x, box, index + 1)}
      y={yPosition(y, box, values[index] ?? 0)}
      size={2}
      fill="none"
      stroke={runMark(letter).colour}
      strokeWidth={1.2}
    />
  ));
}

function FitNote({ box, axes: { x, y }, fit, decay }: { box: PlotBox; axes: Axes; fit: TailFit; decay: Decay }) {
  const j = Math.max(1, fit.to ** 0.42);
  const px = xPosition(x, box, j) + 12;
  const py = Math.max(box.top + 10, yPosition(y, box, fit.at(j)) - 22);
  return (
    <g>
      <text className={styles.strong} fill="var(--text-2)" x={px} y={py}>
        {decay.law === "exponential" ? "σⱼ ∝ e" : "σⱼ ∝ j"}
        <tspan dy={-4} fontSize={9}>
          {decay.law === "exponential"
            ? `−${formatSignificant(decay.rate)} j`
            : `−${formatTwoDecimals(decay.exponent)}`}
        </tspan>
      </text>
      <text className={styles.note} x={px} y={py + 14}>
        {decay.law === "neither" ? "no law fits well, j " : "fit over j "}1–{fit.to}
      </text>
    </g>
  );
}

function tailTips(box: PlotBox, { x, y }: Axes, values: readonly number[], fit: TailFit | undefined): Tips {
  const indices = spectrumIndices(values.length, mostMarks);
  const positions = indices.map((index) => xPosition(x, box, index + 1));
  return {
    count: indices.length,
    at: (at) => ({ x: positions[at] ?? 0, y: yPosition(y, box, values[indices[at] ?? 0] ?? 0) }),
    nearest: (px) => nearestIndex(positions, px),
    describe: (at) => {
      const index = indices[at] ?? 0;
      const fitted = fit && index + 1 <= fit.to ? [{ label: "Fit", value: formatSignificant(fit.at(index + 1)) }] : [];
      return {
        title: `j = ${index + 1}`,
        rows: [{ label: "σ of ΔW", value: formatSignificant(values[index]) }, ...fitted],
      };
    },
  };
}
