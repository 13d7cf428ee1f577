/** Axes, grid and bands of a chart, drawn by recharts inside fixed margins; lines and notes stand in layers above. */
import { memo, type ReactNode } from "react";
import { Area, CartesianGrid, ComposedChart, XAxis, YAxis } from "recharts";
import type { PlotAxis, PlotBox } from "./axis-helpers.ts";
import styles from "./plot.module.css";
import { type PlotLine, PlotLines } from "./plot-lines.tsx";

export type { PlotLine } from "./plot-lines.tsx";

/** A filled range along x. */
export interface PlotBand {
  id: string;
  points: readonly { x: number; range: readonly [number, number] }[];
  colour: string;
}

interface PlotProps {
  box: PlotBox;
  x: PlotAxis;
  y: PlotAxis;
  lines?: readonly PlotLine[];
  bands?: readonly PlotBand[];
  /** Vertical lines too, where both axes are logarithmic. */
  fullGrid?: boolean;
  /** SVG over the lines: marks and direct labels. */
  children?: ReactNode;
  /** SVG under the lines: shaded ranges. */
  ground?: ReactNode;
}

const tick = { fontSize: 11, fill: "var(--text-3)" };
const axisLine = { stroke: "var(--line-strong)", shapeRendering: "crispEdges" };
const grid = { stroke: "var(--line)", shapeRendering: "crispEdges" } as const;

export function Plot({ box, x, y, lines = none, bands = none, fullGrid = false, ground, children }: PlotProps) {
  return (
    <>
      {ground && <Layer box={box}>{ground}</Layer>}
      <PlotBody box={box} x={x} y={y} bands={bands} fullGrid={fullGrid} />
      <PlotLines box={box} x={x} y={y} lines={lines} />
      <Layer box={box}>
        <text className={styles.caption} x={box.left} y={box.top - 8}>
          {y.caption}
        </text>
        <text className={styles.caption} x={box.width - box.right} y={box.height - 3} textAnchor="end">
          {x.caption}
        </text>
        {children}
      </Layer>
    </>
  );
}

const none: readonly never[] = [];
/** More bands than these would mix to one murky colour. */
const fewBands = 4;

type BodyProps = Required<Pick<PlotProps, "box" | "x" | "y" | "bands" | "fullGrid">>;

/** Drawn anew only when data or size change, not for a mark that moves. */
const PlotBody = memo(function PlotBody({ box, x, y, bands, fullGrid }: BodyProps) {
  return (
    <ComposedChart
      width={box.width}
      height={box.height}
      margin={{ top: box.top, right: box.right, bottom: 0, left: 0 }}
      accessibilityLayer={false}
      className={styles.plot}
    >
      <CartesianGrid {...grid} horizontal vertical={fullGrid} syncWithTicks />
      <XAxis {...axis(x)} dataKey="x" height={box.bottom} tickMargin={4} tickLine={fullGrid ? false : axisLine} />
      <YAxis {...axis(y)} axisLine={false} width={box.left} tickMargin={4} tickLine={false} />
      {bands.map(({ id, points, colour }) => (
        <Area
          key={id}
          {...still}
          data={[...points]}
          dataKey="range"
          type="linear"
          stroke="none"
          fill={colour}
          fillOpacity={bands.length > fewBands ? 0.06 : 0.14}
        />
      ))}
    </ComposedChart>
  );
}, sameBody);

function sameBody(before: BodyProps, after: BodyProps): boolean {
  const { box: oldBox, ...old } = before;
  const { box: newBox, ...fresh } = after;
  const sameBox = Object.entries(newBox).every(([key, value]) => oldBox[key as keyof PlotBox] === value);
  return sameBox && Object.entries(fresh).every(([key, value]) => old[key as keyof typeof old] === value);
}

/** Charts never animate, and the tooltip is our own. */
const still = { isAnimationActive: false, activeDot: false, legendType: "none", tooltipType: "none" } as const;

function axis({ domain, ticks, format }: PlotAxis) {
  return {
    type: "number" as const,
    scale: domain.log ? ("log" as const) : ("linear" as const),
    domain: [domain.low, domain.high],
    ticks: [...ticks],
    tickFormatter: format,
    interval: 0,
    allowDataOverflow: true,
    tick,
    axisLine,
  };
}

function Layer({ box, children }: { box: PlotBox; children: ReactNode }) {
  return (
    <svg className={styles.layer} width={box.width} height={box.height} aria-hidden="true">
      {children}
    </svg>
  );
}
