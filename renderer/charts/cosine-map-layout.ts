/** Where map, ticks and bars of a cosine map stand. Pure. */
import type { CosineCells } from "./cosine-values.ts";
import type { Size } from "./use-size.ts";

export interface MapLayout {
  map: { x: number; y: number; width: number; height: number };
  bars: { x: number; width: number };
  rowHeight: number;
}

const top = 20;
const bottom = 22;
/** Row numbers and diamonds. */
const left = 42;
const gap = 14;
const barShare = 0.13;
const leastBars = 80;
const mostBars = 180;

/** Rows grow in quarters of a pixel: few enough sizes to look even, little room left over. */
export function mapLayout({ width, height }: Size, { rows }: Pick<CosineCells, "rows">): MapLayout {
  const room = Math.max(rows, height - top - bottom);
  const rowHeight = Math.max(1, Math.floor((room / rows) * 4) / 4);
  const bars = Math.min(mostBars, Math.max(leastBars, width * barShare));
  const mapWidth = Math.max(60, width - left - gap - bars - 14);
  return {
    map: { x: left, y: top, width: mapWidth, height: rowHeight * rows },
    bars: { x: left + mapWidth + gap, width: bars },
    rowHeight,
  };
}
