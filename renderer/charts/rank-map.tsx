/** Recommended rank over samples and noise: a small heat map with your place in it. */
import { useCallback, useMemo } from "react";
import type { RankMap } from "../../src/contract/domain/theory.ts";
import { formatCount, formatSignificant } from "../../src/contract/format.ts";
import { ChartFigure } from "./chart-figure.tsx";
import type { ChartTable } from "./chart-table.ts";
import { colourAt, inkOn, type ThemeName } from "./colour.ts";
import styles from "./plot.module.css";
import type { Tips } from "./tips.ts";
import type { Size } from "./use-size.ts";

interface RankMapProps {
  name: string;
  map: RankMap;
  theme: ThemeName;
  /** The place that the advice is for. */
  at: { n: number; rho: number };
  onOpen: (n: number, rho: number) => void;
}

const margins = { left: 40, right: 4, top: 20, bottom: 30 };
/** Darkest at this rank; ranks are offered up to it. */
const largestRank = 512;

export function RankMapChart({ name, map, theme, at, onOpen }: RankMapProps) {
  const table = useMemo(() => mapTable(map), [map]);
  const mark = useMemo(() => nearestCell(map, at), [map, at]);
  const draw = useCallback(
    (size: Size) => <Cells size={size} map={map} theme={theme} mark={mark} />,
    [map, theme, mark],
  );
  const tips = useCallback((size: Size) => mapTips(size, map, onOpen), [map, onOpen]);
  const known = map.ranks.flat().filter((rank) => rank !== null);
  const label = `Recommended rank over ${map.n.length} numbers of samples and ${map.rho.length} noise ratios: from ${Math.min(...known)} to ${Math.max(...known)}.`;
  return (
    <ChartFigure
      name={name}
      title="Recommended rank over n and ρ"
      label={label}
      table={table}
      tips={tips}
      minHeight={200}
    >
      {draw}
    </ChartFigure>
  );
}

function mapTable({ n, rho, ranks }: RankMap): ChartTable {
  return {
    columns: ["ρ", ...n.map((samples) => `n ${samples}`)],
    // The largest noise stands on top, as in the picture.
    rows: rho.map((level, row) => [level, ...(ranks[row] ?? [])]).reverse(),
  };
}

function nearestCell({ n, rho }: RankMap, at: { n: number; rho: number }): number {
  const nearest = (values: readonly number[], value: number) =>
    values.reduce(
      (best, candidate, index) =>
        Math.abs(Math.log(candidate / value)) < Math.abs(Math.log((values[best] ?? 1) / value)) ? index : best,
      0,
    );
  return nearest(rho, at.rho) * n.length + nearest(n, at.n);
}

function cellBox({ width, height }: Size, { n, rho }: RankMap, index: number) {
  const [row, column] = [Math.floor(index / n.length), index % n.length];
  const [w, h] = [
    (width - margins.left - margins.right) / n.length,
    (height - margins.top - margins.bottom) / rho.length,
  ];
  return { x: margins.left + column * w, y: margins.top + (rho.length - 1 - row) * h, w, h };
}

function colourOf(rank: number, theme: ThemeName): string {
  return colourAt("sequential", theme, Math.log2(rank) / Math.log2(largestRank));
}

interface CellsProps {
  size: Size;
  map: RankMap;
  theme: ThemeName;
  mark: number;
}

function Cells({ size, map, theme, mark }: CellsProps) {
  const { n, rho, ranks } = map;
  const cells = ranks.flat();
  const marked = cellBox(size, map, mark);
  const first = cellBox(size, map, 0);
  return (
    <svg className={styles.layer} width={size.width} height={size.height} aria-hidden="true">
      <text className={styles.caption} x={margins.left} y={margins.top - 7}>
        noise-to-shift ratio ρ
      </text>
      {cells.map((rank, index) => {
        const { x, y, w, h } = cellBox(size, map, index);
        const place = `${n[index % n.length]} ${rho[Math.floor(index / n.length)]}`;
        if (rank === null) return <rect key={place} x={x} y={y} width={w - 1} height={h - 1} fill="var(--sunken)" />;
        const colour = colourOf(rank, theme);
        return (
          <g key={place}>
            <rect x={x} y={y} width={w - 1} height={h - 1} rx={1.5} fill={colour} />
            {w >= 20 && h >= 13 && (
              <text x={x + w / 2} y={y + h / 2 + 3.5} textAnchor="middle" fill={inkOn(colour)} fontSize={10}>
                {rank}
              </text>
            )}
          </g>
        );
      })}
      <rect
        x={marked.x - 0.5}
        y={marked.y - 0.5}
        width={marked.w}
        height={marked.h}
        rx={2}
        fill="none"
        stroke="var(--text)"
        strokeWidth={1.6}
      />
      {rho.map((level, row) => (
        <text
          key={level}
          className={styles.caption}
          x={margins.left - 5}
          y={cellBox(size, map, row * n.length).y + first.h / 2 + 4}
          textAnchor="end"
        >
          {row % 2 === 0 ? formatSignificant(level, 1) : ""}
        </text>
      ))}
      {n.map((samples, column) => (
        <text
          key={samples}
          className={styles.caption}
          x={cellBox(size, map, column).x + first.w / 2}
          y={size.height - margins.bottom + 13}
          textAnchor="middle"
        >
          {column % 3 === 0 ? formatCount(samples) : ""}
        </text>
      ))}
      <text className={styles.caption} x={size.width - margins.right} y={size.height - 3} textAnchor="end">
        samples n
      </text>
    </svg>
  );
}

function mapTips(size: Size, map: RankMap, onOpen: (n: number, rho: number) => void): Tips {
  const { n, rho, ranks } = map;
  const count = n.length * rho.length;
  const place = (index: number) => ({ n: n[index % n.length] ?? 1, rho: rho[Math.floor(index / n.length)] ?? 1 });
  return {
    count,
    columns: n.length,
    at: (index) => {
      const { x, y, w, h } = cellBox(size, map, index);
      return { x: x + w / 2, y: y + h / 2 };
    },
    nearest: (x, y) => {
      const { w, h } = cellBox(size, map, 0);
      const column = Math.floor((x - margins.left) / w);
      const row = rho.length - 1 - Math.floor((y - margins.top) / h);
      if (column < 0 || column >= n.length || row < 0 || row >= rho.length) return undefined;
      return row * n.length + column;
    },
    describe: (index) => {
      const { n: samples, rho: level } = place(index);
      const rank = ranks[Math.floor(index / n.length)]?.[index % n.length];
      return {
        title: `n ${formatCount(samples)}, ρ ${formatSignificant(level, 2)}`,
        rows: [{ label: "Recommended rank", value: rank == null ? "no answer" : `≈ ${rank}` }],
        standing: "estimated · Enter or a click takes this place",
      };
    },
    mark: (index) => {
      const { x, y, w, h } = cellBox(size, map, index);
      return <rect x={x} y={y} width={w - 1} height={h - 1} fill="none" stroke="var(--accent)" strokeWidth={2} />;
    },
    opensOnClick: true,
    onOpen: (index) => onOpen(place(index).n, place(index).rho),
  };
}
