/** New-task accuracy against old-task retention: one path per arm, runs and base as points. */
import { useCallback, useMemo } from "react";
import { formatAccuracy, formatPoints, formatPointsInterval, formatThreshold } from "../../src/contract/format.ts";
import { type PlotAxis, type PlotBox, xPosition, yPosition } from "./axis-helpers.ts";
import { ChartFigure } from "./chart-figure.tsx";
import type { ChartTable } from "./chart-table.ts";
import { placeLabels } from "./label-places.ts";
import { baseMark, Mark, type MarkShape, runMark } from "./marks.tsx";
import styles from "./plot.module.css";
import { Plot, type PlotLine } from "./plot.tsx";
import { ticks } from "./scale.ts";
import type { Tips } from "./tips.ts";
import type { Size } from "./use-size.ts";

type Interval = readonly [number, number] | undefined;

/** Shares; differences are from the base. */
export interface SweepMeasure {
  old: { value: number; difference: number; interval: Interval };
  fresh: { value: number; difference: number; interval: Interval };
}

export interface SweepArm {
  id: string;
  name: string;
  colour: string;
  dash: string | undefined;
  shape: MarkShape;
  /** Falling λ, from 1. */
  points: readonly (SweepMeasure & { lambda: number; best: boolean })[];
}

export interface SweepRun extends SweepMeasure {
  letter: string;
  label: string;
}

export interface LambdaSweepProps {
  name: string;
  label: string;
  newTask: string;
  arms: readonly SweepArm[];
  runs: readonly SweepRun[];
  /** Accuracy of the base on the new task. */
  base: number;
  /** λ of the intervention that stands out. */
  lambda: number | undefined;
  onLambda: (lambda: number) => void;
}

const margins = { left: 46, right: 18, top: 22, bottom: 34 };

export function LambdaSweepChart({ name, label, newTask, arms, runs, base, lambda, onLambda }: LambdaSweepProps) {
  const axes = useMemo(() => sweepAxes(arms, runs, base, newTask), [arms, runs, base, newTask]);
  const lines = useMemo(() => sweepLines(arms), [arms]);
  const table = useMemo(() => sweepTable(arms, runs, base), [arms, runs, base]);
  const data = useMemo(() => sweepData(arms, runs, base), [arms, runs, base]);
  const draw = useCallback(
    (size: Size) => {
      const box = { ...size, ...margins };
      return (
        <Plot box={box} {...axes} lines={lines} fullGrid>
          <Crosses box={box} axes={axes} arms={arms} lambda={lambda} />
          <ArmMarks box={box} axes={axes} arms={arms} lambda={lambda} />
          <RunMarks box={box} axes={axes} runs={runs} base={base} />
        </Plot>
      );
    },
    [axes, lines, arms, runs, base, lambda],
  );
  const tips = useCallback(
    (size: Size) => sweepTips({ ...size, ...margins }, axes, data, newTask, onLambda),
    [axes, data, newTask, onLambda],
  );
  return (
    <ChartFigure name={name} title="λ sweep" label={label} table={table} tips={tips} minHeight={240}>
      {draw}
    </ChartFigure>
  );
}

interface Axes {
  x: PlotAxis;
  y: PlotAxis;
}

function sweepAxes(arms: readonly SweepArm[], runs: readonly SweepRun[], base: number, newTask: string): Axes {
  const all = [...arms.flatMap(({ points }) => points), ...runs];
  const x = around([0, ...all.map(({ old }) => old.difference * 100)]);
  const y = around([base * 100, ...all.map(({ fresh }) => fresh.value * 100)]);
  return {
    x: {
      domain: x,
      ticks: ticks(x, 6),
      format: (value) => (value === 0 ? "0" : formatPoints(value / 100, 1)),
      caption: "old tasks, pp from base (retention)",
    },
    y: {
      domain: y,
      ticks: ticks(y, 5),
      format: (value) => formatAccuracy(value / 100).replace(/[.,]0 %/, " %"),
      caption: `${newTask} accuracy`,
    },
  };
}

function around(values: readonly number[]) {
  const low = Math.min(...values);
  const high = Math.max(...values);
  const air = Math.max((high - low) * 0.09, 0.2);
  return { low: low - air, high: high + air, log: false };
}

function sweepLines(arms: readonly SweepArm[]): PlotLine[] {
  return arms.map(({ id, points, colour, dash }) => ({
    id,
    points: points.map(({ old, fresh }) => ({ x: old.difference * 100, y: fresh.value * 100 })),
    colour,
    dash,
  }));
}

function sweepTable(arms: readonly SweepArm[], runs: readonly SweepRun[], base: number): ChartTable {
  const cells = ({ old, fresh }: SweepMeasure) => [
    ...[old.value, old.difference, old.interval?.[0] ?? null, old.interval?.[1] ?? null],
    ...[fresh.value, fresh.difference, fresh.interval?.[0] ?? null, fresh.interval?.[1] ?? null],
  ];
  const of = (task: string) => [task, `${task}, difference`, `${task}, low`, `${task}, high`];
  return {
    columns: ["Point", "λ", ...of("Old tasks"), ...of("New task")],
    rows: [
      ["base", null, null, 0, null, null, base, 0, null, null],
      ...runs.map((run) => [`${run.letter} ${run.label}`, 1, ...cells(run)]),
      ...arms.flatMap(({ name, points }) =>
        points.filter(({ lambda }) => lambda !== 1).map((point) => [name, point.lambda, ...cells(point)]),
      ),
    ],
  };
}

interface LayerProps {
  box: PlotBox;
  axes: Axes;
}

function placeOf({ box, axes }: LayerProps, { old, fresh }: SweepMeasure) {
  return {
    x: xPosition(axes.x, box, old.difference * 100),
    y: yPosition(axes.y, box, fresh.value * 100),
  };
}

/** Arms that carry the comparison; crosses on all of them would hide the paths. */
const mostCrosses = 2;

function Crosses({ box, axes, arms, lambda }: LayerProps & { arms: readonly SweepArm[]; lambda: number | undefined }) {
  const clampX = (value: number) =>
    Math.max(box.left, Math.min(box.width - box.right, xPosition(axes.x, box, value * 100)));
  const clampY = (value: number) =>
    Math.max(box.top, Math.min(box.height - box.bottom, yPosition(axes.y, box, value * 100)));
  return arms.slice(0, mostCrosses).map(({ id, colour, points }) => {
    const point = points.find((candidate) => candidate.lambda === lambda);
    if (!point) return null;
    const { x, y } = placeOf({ box, axes }, point);
    // The new task's interval is of its difference to the base.
    const base = point.fresh.value - point.fresh.difference;
    return (
      <g key={id} stroke={colour} className={styles.cross}>
        {point.old.interval && (
          <line x1={clampX(point.old.interval[0])} x2={clampX(point.old.interval[1])} y1={y} y2={y} />
        )}
        {point.fresh.interval && (
          <line x1={x} x2={x} y1={clampY(base + point.fresh.interval[0])} y2={clampY(base + point.fresh.interval[1])} />
        )}
      </g>
    );
  });
}

function ArmMarks({ box, axes, arms, lambda }: LayerProps & { arms: readonly SweepArm[]; lambda: number | undefined }) {
  const edited = arms.map((arm) => ({ ...arm, points: arm.points.filter((point) => point.lambda !== 1) }));
  return (
    <>
      {edited.map(({ id, colour, shape, points }) =>
        points.map((point) => {
          const at = placeOf({ box, axes }, point);
          const chosen = point.lambda === lambda;
          return (
            <g key={`${id} ${point.lambda}`} data-testid={`sweep-${id}-${point.lambda}`} data-best={point.best}>
              <Mark
                shape={shape}
                {...at}
                size={chosen ? 4.2 : 3}
                fill={chosen ? colour : "var(--panel)"}
                stroke={chosen ? "var(--panel)" : colour}
              />
              {/* The first arm carries the λ values; the others stand at the same ones. */}
              {id === edited[0]?.id && (
                <text className={styles.label} x={at.x + 7} y={at.y - 7}>
                  {chosen ? "λ " : ""}
                  {formatThreshold(point.lambda).replace(/0$/, "")}
                </text>
              )}
            </g>
          );
        }),
      )}
    </>
  );
}

function RunMarks({ box, axes, runs, base }: LayerProps & { runs: readonly SweepRun[]; base: number }) {
  const zero = { x: xPosition(axes.x, box, 0), y: yPosition(axes.y, box, base * 100) };
  const marks = runs.map((run) => ({ ...run, ...placeOf({ box, axes }, run), name: `${run.letter} ${run.label}` }));
  const points = [...marks.map((mark) => ({ ...mark, short: mark.letter })), { ...zero, name: "base", short: "base" }];
  const bounds = { left: box.left, right: box.width, top: box.top - 12, bottom: box.height - box.bottom };
  return (
    <>
      {marks.map(({ letter, x, y }) => {
        const { colour, shape } = runMark(letter);
        return (
          <g key={letter} data-testid={`sweep-run-${letter}`}>
            <Mark shape={shape} x={x} y={y} size={4} fill={colour} stroke="var(--panel)" strokeWidth={1} />
          </g>
        );
      })}
      <Mark shape={baseMark.shape} {...zero} size={3.6} fill="none" stroke={baseMark.colour} strokeWidth={2} />
      {placeLabels(points, bounds).map(({ text, x, y, anchor }) => (
        <text key={text} className={styles.strong} x={x} y={y} textAnchor={anchor} fill="var(--text-2)">
          {text}
        </text>
      ))}
    </>
  );
}

interface Datum {
  title: string;
  measure: SweepMeasure;
  lambda: number | undefined;
  best: boolean;
}

function sweepData(arms: readonly SweepArm[], runs: readonly SweepRun[], base: number): Datum[] {
  const zero = {
    old: { value: 0, difference: 0, interval: undefined },
    fresh: { value: base, difference: 0, interval: undefined },
  };
  return [
    ...arms.flatMap(({ name, points }) =>
      points
        .filter(({ lambda }) => lambda !== 1)
        .map((point) => ({
          title: `${name}, λ ${formatThreshold(point.lambda)}`,
          measure: point,
          lambda: point.lambda,
          best: point.best,
        })),
    ),
    ...runs.map((run) => ({ title: `${run.letter} ${run.label}, as trained`, measure: run, lambda: 1, best: false })),
    { title: "base", measure: zero, lambda: undefined, best: false },
  ];
}

/** Farther away, in pixels, the pointer means no point. */
const reach = 18;

function sweepTips(
  box: PlotBox,
  axes: Axes,
  data: readonly Datum[],
  newTask: string,
  onLambda: (lambda: number) => void,
): Tips {
  const places = data.map(({ measure }) => placeOf({ box, axes }, measure));
  return {
    count: data.length,
    at: (index) => places[index] ?? { x: 0, y: 0 },
    nearest: (x, y) => {
      const distances = places.map((place) => Math.hypot(place.x - x, place.y - y));
      const nearest = Math.min(...distances);
      return nearest <= reach ? distances.indexOf(nearest) : undefined;
    },
    describe: (index) => {
      const datum = data[index];
      if (!datum) return { title: "", rows: [] };
      const { old, fresh } = datum.measure;
      const rows = [
        { label: "Old tasks", value: `${formatPoints(old.difference)} pp` },
        ...(old.interval ? [{ label: "95 % interval", value: formatPointsInterval(old.interval) }] : []),
        { label: newTask, value: `${formatAccuracy(fresh.value)}, ${formatPoints(fresh.difference)} pp` },
        ...(fresh.interval ? [{ label: "its 95 % interval", value: formatPointsInterval(fresh.interval) }] : []),
      ];
      const best = datum.best ? "no measured point is better on both sides" : undefined;
      const hint = datum.lambda === undefined || datum.lambda === 1 ? undefined : "Enter or a click takes this λ";
      const standing = [best, hint].filter(Boolean).join(" · ");
      return { title: datum.title, rows, ...(standing && { standing }) };
    },
    opensOnClick: true,
    onOpen: (index) => {
      const lambda = data[index]?.lambda;
      if (lambda !== undefined && lambda !== 1) onLambda(lambda);
    },
  };
}
