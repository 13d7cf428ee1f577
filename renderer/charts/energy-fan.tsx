/** E(k) of one kind in every layer of a run: one thin line per layer, coloured by depth, the median k90 marked. */
import { useCallback, useMemo } from "react";
import {
  formatCount,
  formatEffectiveRank,
  formatShare,
  formatShareTick,
  formatTick,
} from "../../src/contract/format.ts";
import { median } from "../../src/contract/statistics.ts";
import { indexTicks, type PlotAxis, type PlotBox, xPosition, yPosition } from "./axis-helpers.ts";
import { ChartFigure } from "./chart-figure.tsx";
import { colourAt, type ThemeName } from "./colour.ts";
import { energyAt } from "./energy.ts";
import { Mark } from "./marks.tsx";
import styles from "./plot.module.css";
import { Plot } from "./plot.tsx";
import { ticks } from "./scale.ts";
import type { Tips } from "./tips.ts";
import type { Size } from "./use-size.ts";

export interface FanLine {
  id: string;
  /** "Layer 31" or the module's name. */
  label: string;
  /** Depth from 0 (first layer) to 1 (last). */
  depth: number;
  /** Length of the spectrum. */
  size: number;
  k: readonly number[];
  energy: readonly number[];
  k90: number | null;
}

export interface EnergyFanProps {
  name: string;
  title: string;
  label: string;
  lines: readonly FanLine[];
  theme: ThemeName;
  /** Longest spectrum over all runs, so that panels share one axis. */
  size: number;
  /** k, or share of all directions. */
  by: "k" | "share";
  /** Rank of the adapter where that bounds the directions. */
  rankLimit?: number | undefined;
  onOpen?: ((id: string) => void) | undefined;
}

const margins = { left: 44, right: 20, top: 20, bottom: 32 };
const y: PlotAxis = {
  domain: { low: 0, high: 1, log: false },
  ticks: [0, 0.5, 0.9, 1],
  format: formatShareTick,
  caption: "E(k)",
};
/** In a low panel the labels of 90 % and 100 % would meet. */
const lowY: PlotAxis = { ...y, ticks: [0, 0.5, 1] };
const lowHeight = 190;
/** The ends of the scale are too pale or too dark for a thin line. */
const depthColours = { low: 0.16, high: 0.96 };

export function EnergyFan(props: EnergyFanProps) {
  const { name, title, label, lines, theme, size, by, rankLimit, onOpen } = props;
  const x = useMemo(() => (by === "k" ? kAxis(size) : shareAxis(size)), [by, size]);
  const drawn = useMemo(() => lines.map((line) => fanLine(line, by, size, theme)), [lines, by, size, theme]);
  const table = useMemo(() => fanTable(lines), [lines]);
  const draw = useCallback(
    (space: Size) => {
      const box = { ...space, ...margins };
      return (
        <Plot box={box} x={x} y={space.height < lowHeight ? lowY : y} lines={drawn}>
          {rankLimit !== undefined && rankLimit < size && (
            <RankLimit box={box} x={x} at={by === "k" ? rankLimit : rankLimit / size} rank={rankLimit} />
          )}
          <MedianMark box={box} x={x} lines={lines} by={by} />
        </Plot>
      );
    },
    [x, drawn, lines, by, rankLimit, size],
  );
  const tips = useCallback(
    (space: Size) => fanTips({ ...space, ...margins }, x, lines, by, onOpen),
    [x, lines, by, onOpen],
  );
  return (
    <ChartFigure name={name} title={title} label={label} table={table} tips={tips} minHeight={150}>
      {draw}
    </ChartFigure>
  );
}

function kAxis(size: number): PlotAxis {
  const last = Math.max(2, size);
  return { domain: { low: 1, high: last, log: true }, ticks: indexTicks(last), format: formatTick, caption: "k" };
}

function shareAxis(size: number): PlotAxis {
  const domain = { low: 1 / Math.max(2, size), high: 1, log: true };
  return { domain, ticks: ticks(domain, 6), format: formatShareTick, caption: "share of directions" };
}

/** Place of k on the axis of a chart. */
function along(k: number, size: number, by: "k" | "share"): number {
  return by === "k" ? k : k / size;
}

function fanLine(line: FanLine, by: "k" | "share", size: number, theme: ThemeName) {
  const points = line.k.map((k, index) => ({ x: along(k, line.size, by), y: line.energy[index] ?? 0 }));
  const end = by === "k" ? size : 1;
  if ((points.at(-1)?.x ?? end) < end) points.push({ x: end, y: points.at(-1)?.y ?? 1 });
  const depth = depthColours.low + line.depth * (depthColours.high - depthColours.low);
  return { id: line.id, points, colour: colourAt("sequential", theme, depth), width: 1, opacity: 0.9 };
}

function fanTable(lines: readonly FanLine[]) {
  return {
    columns: ["module", "k", "E(k)"],
    rows: lines.flatMap((line) => line.k.map((k, index) => [line.label, k, line.energy[index] ?? null])),
  };
}

/** Farthest pointer distance at which a line is meant, in pixels. */
const reach = 24;

function fanTips(
  box: PlotBox,
  x: PlotAxis,
  lines: readonly FanLine[],
  by: "k" | "share",
  onOpen: ((id: string) => void) | undefined,
): Tips {
  const path = (line: FanLine) =>
    line.k.map((k, index) => ({
      x: xPosition(x, box, along(k, line.size, by)),
      y: yPosition(y, box, line.energy[index] ?? 0),
    }));
  const paths = lines.map(path);
  const anchor = (line: FanLine) => line.k90 ?? line.k.at(-1) ?? 1;
  return {
    count: lines.length,
    along: true,
    at: (index, pointerX) => {
      const line = lines[index];
      if (!line) return { x: 0, y: 0 };
      if (pointerX !== undefined) return { x: pointerX, y: heightAt(paths[index] ?? [], pointerX) };
      const k = anchor(line);
      return { x: xPosition(x, box, along(k, line.size, by)), y: yPosition(y, box, energyAt(line, k)) };
    },
    nearest: (px, py) => nearestPath(paths, px, py, reach),
    describe: (index) => {
      const line = lines[index];
      if (!line) return { title: "", rows: [] };
      return {
        title: line.label,
        rows: [
          { label: "k90", value: formatCount(line.k90) },
          { label: "E(1)", value: formatShare(energyAt(line, 1)) },
          { label: "E(16)", value: formatShare(energyAt(line, 16)) },
          { label: "Directions", value: formatCount(line.size) },
        ],
        ...(onOpen ? { standing: "Enter or Alt click opens the Inspector" } : {}),
      };
    },
    mark: (index) => (
      <polyline className={styles.picked} points={(paths[index] ?? []).map((p) => `${p.x},${p.y}`).join(" ")} />
    ),
    ...(onOpen ? { onOpen: (index: number) => onOpen(lines[index]?.id ?? "") } : {}),
  };
}

/** The path that passes nearest above or below the pointer. */
export function nearestPath(
  paths: readonly (readonly { x: number; y: number }[])[],
  px: number,
  py: number,
  farthest: number,
): number | undefined {
  let best: number | undefined;
  let smallest = farthest;
  for (const [index, path] of paths.entries()) {
    const distance = Math.abs(heightAt(path, px) - py);
    if (!(distance < smallest)) continue;
    smallest = distance;
    best = index;
  }
  return best;
}

function heightAt(path: readonly { x: number; y: number }[], px: number): number {
  const next = path.findIndex(({ x }) => x >= px);
  const after = path[next < 0 ? path.length - 1 : next];
  const before = path[Math.max(0, next - 1)];
  if (!after || !before) return Number.NaN;
  if (next <= 0 || after.x === before.x) return after.y;
  return before.y + ((px - before.x) / (after.x - before.x)) * (after.y - before.y);
}

function RankLimit({ box, x, at, rank }: { box: PlotBox; x: PlotAxis; at: number; rank: number }) {
  const px = xPosition(x, box, at);
  const right = px < box.width - 90;
  return (
    <g>
      <line className={styles.limit} x1={px} x2={px} y1={box.top} y2={box.height - box.bottom} />
      <text
        className={styles.note}
        x={right ? px + 5 : px - 5}
        y={yPosition(y, box, 0.5) - 4}
        textAnchor={right ? "start" : "end"}
      >
        rank limit {rank}
      </text>
    </g>
  );
}

function MedianMark({
  box,
  x,
  lines,
  by,
}: {
  box: PlotBox;
  x: PlotAxis;
  lines: readonly FanLine[];
  by: "k" | "share";
}) {
  const k90 = median(lines.map((line) => line.k90));
  const place = median(lines.map((line) => (line.k90 === null ? undefined : along(line.k90, line.size, by))));
  if (k90 === undefined || place === undefined) return null;
  const px = xPosition(x, box, place);
  const py = yPosition(y, box, 0.9);
  const bottom = box.height - box.bottom;
  const left = px > box.left + (box.width - box.left) * 0.6;
  return (
    <g>
      <path className={styles.guide} d={`M${box.left} ${py}H${px}V${bottom}`} />
      <Mark shape="circle" x={px} y={py} size={3} fill="var(--panel)" stroke="var(--text)" />
      <text
        className={styles.strong}
        x={left ? px - 7 : px + 7}
        y={bottom - 12}
        textAnchor={left ? "end" : "start"}
        fill="var(--text)"
      >
        median k90 {Number.isInteger(k90) ? formatCount(k90) : formatEffectiveRank(k90)}
      </text>
    </g>
  );
}
