/** Axes of the line charts as plain numbers: domains, ticks, positions, and which points of a long spectrum to draw. */

import { type Domain, position } from "./scale.ts";

export interface PlotAxis {
  domain: Domain;
  ticks: readonly number[];
  format: (value: number) => string;
  /** Unit and meaning, written over the y axis or at the right end of the x axis. */
  caption: string;
}

/** The plot's rectangle inside its SVG, in pixels. */
export interface PlotBox {
  width: number;
  height: number;
  left: number;
  right: number;
  top: number;
  bottom: number;
}

export interface PlotPoint {
  x: number;
  y: number;
}

/** Most points of one line; more cannot be told apart on a log axis of a few hundred pixels. */
export const mostPoints = 160;
/** Points at the start of a spectrum that are all drawn. */
const denseStart = 40;
const mostIndexTicks = 6;
const mostLayerTicks = 10;

/** Zero-based indices of a spectrum to draw: the first 40, then log-spaced, the last one always. */
export function spectrumIndices(length: number, most: number = mostPoints): number[] {
  if (length <= most) return Array.from({ length }, (_, index) => index);
  const dense = Math.min(denseStart, most - 1);
  const indices = Array.from({ length: dense }, (_, index) => index);
  const sparse = most - dense;
  const ratio = (length / dense) ** (1 / sparse);
  for (let step = 1; step <= sparse; step += 1) {
    const index = Math.min(length - 1, Math.round(dense * ratio ** step) - 1);
    if (index > (indices.at(-1) ?? -1)) indices.push(index);
  }
  if (indices.at(-1) !== length - 1) indices.push(length - 1);
  return indices;
}

/** Powers of 2, 4, 8 … from 1 to `last`, at most six. */
export function indexTicks(last: number): number[] {
  for (let power = 1; ; power += 1) {
    const ticks: number[] = [];
    for (let tick = 1; tick <= last; tick *= 2 ** power) ticks.push(tick);
    if (ticks.length <= mostIndexTicks) return ticks;
  }
}

/** Smallest and largest positive value with a little air; undefined when nothing is positive. */
export function logDomain(values: Iterable<number>, air = 1.25): Domain | undefined {
  let low = Number.POSITIVE_INFINITY;
  let high = 0;
  for (const value of values) {
    if (!(value > 0 && Number.isFinite(value))) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return high === 0 ? undefined : { low: low / air, high: high * air, log: true };
}

/** Layer numbers at an even step from the first layer; the last one too where it keeps clear of its neighbour. */
export function layerTicks(first: number, last: number, most = mostLayerTicks): number[] {
  const step = [1, 2, 4, 5, 8, 10, 16, 20, 25, 50, 100].find((size) => (last - first) / size < most) ?? 200;
  const ticks: number[] = [];
  for (let tick = first; tick <= last; tick += step) ticks.push(tick);
  const end = ticks.at(-1) ?? first;
  if (end !== last) {
    if ((last - end) / step < 0.5) ticks.pop();
    ticks.push(last);
  }
  return ticks;
}

/** Pixel of a value on the x axis. */
export function xPosition(axis: PlotAxis, box: PlotBox, value: number): number {
  return box.left + along(axis, value) * (box.width - box.right - box.left);
}

/** Pixel of a value on the y axis. */
export function yPosition(axis: PlotAxis, box: PlotBox, value: number): number {
  const low = box.height - box.bottom;
  return low + along(axis, value) * (box.top - low);
}

/** Zero and negative values of a log axis stand at its low end. */
function along({ domain }: PlotAxis, value: number): number {
  return position(domain.log ? Math.max(value, domain.low) : value, domain);
}

/** Shifts labels apart along one direction so that neighbours keep `gap`; the order stays, all remain in the range. */
export function spreadLabels(positions: readonly number[], gap: number, low: number, high: number): number[] {
  const order = positions.map((_, index) => index).sort((a, b) => (positions[a] ?? 0) - (positions[b] ?? 0));
  const placed = [...positions];
  let previous = low - gap;
  for (const index of order) {
    previous = Math.max(placed[index] ?? 0, previous + gap);
    placed[index] = previous;
  }
  let next = high + gap;
  for (const index of order.reverse()) {
    next = Math.min(placed[index] ?? 0, next - gap);
    placed[index] = next;
  }
  return placed;
}
