/** A chart of many thin lines over the index of singular values (log x), coloured by layer. */
import { html, type Markup } from "./markup.ts";
import { indexTicks, logScale, logSpacedIndices, pixel, type Scale } from "./scale.ts";

export interface Line {
  /** One value per index; values at or below `least` are left out. */
  values: readonly number[];
  /** 0 first layer … 1 last layer. */
  depth: number;
}

export interface Ticks {
  at: number;
  label: string;
}

export interface LinesChart {
  name: string;
  yCaption: string;
  lines: readonly Line[];
  yScale: (range: [number, number]) => Scale;
  yTicks: readonly Ticks[];
  /** A vertical mark with a word, e.g. the median k90. */
  mark?: Ticks;
  /** Last index of the x axis. */
  lastIndex: number;
}

const size = { width: 340, height: 220, left: 48, right: 12, top: 22, bottom: 34 };
/** More points than this do not show on a log axis of this size. */
const mostPoints = 48;
/** More lines than this are a blot, and a large file. */
const mostLines = 96;
const depthSteps = 8;
/** The palest steps do not stand out from the ground. */
const firstStep = 2;

export function linesChart(chart: LinesChart): Markup {
  const x = logScale([1, Math.max(2, chart.lastIndex)], [size.left, size.width - size.right]);
  const y = chart.yScale([size.height - size.bottom, size.top]);
  return html`<svg viewBox="0 0 ${size.width} ${size.height}" width="${size.width}" height="${size.height}" role="img" aria-label="${chart.name}">
${grid(chart, x, y)}
${thinned(chart.lines, mostLines).map((line) => curve(line, x, y))}
${chart.mark && markLine(chart.mark, x)}
<text x="${size.left - 40}" y="12">${chart.yCaption}</text>
<text x="${size.width - size.right}" y="${size.height - 4}" text-anchor="end">singular value index</text>
</svg>`;
}

function grid(chart: LinesChart, x: Scale, y: Scale): Markup {
  const right = size.width - size.right;
  const bottom = size.height - size.bottom;
  const rows = chart.yTicks.map(
    ({ at, label }) =>
      html`<line class="grid" x1="${size.left}" x2="${right}" y1="${pixel(y(at))}" y2="${pixel(y(at))}"/><text x="${size.left - 6}" y="${pixel(y(at) + 4)}" text-anchor="end">${label}</text>`,
  );
  const columns = indexTicks(chart.lastIndex).map(
    (tick) => html`<text x="${pixel(x(tick))}" y="${bottom + 14}" text-anchor="middle">${tick}</text>`,
  );
  return html`${rows}<line class="axis" x1="${size.left}" x2="${right}" y1="${bottom}" y2="${bottom}"/>${columns}`;
}

function thinned(lines: readonly Line[], most: number): Line[] {
  const step = Math.max(1, lines.length / most);
  return Array.from({ length: Math.min(lines.length, most) }, (_, index) => lines[Math.floor(index * step)]).filter(
    (line) => line !== undefined,
  );
}

function curve({ values, depth }: Line, x: Scale, y: Scale): Markup {
  const [low, high] = y.domain;
  const points = logSpacedIndices(values.length, mostPoints).flatMap((index) => {
    const value = values[index] ?? 0;
    return value >= low && value <= high * (1 + 1e-9) ? [`${pixel(x(index + 1))} ${pixel(y(value))}`] : [];
  });
  const step = Math.min(depthSteps, firstStep + Math.round(depth * (depthSteps - firstStep)));
  if (points.length === 0) return html``;
  // A single value (rank 1) is a dot: a line from the point to itself with round ends.
  const dot = points.length === 1;
  const path = `M${points.join("L")}${dot ? `L${points[0]}` : ""}`;
  return html`<path class="curve c${step}${dot ? " dot" : ""}" d="${path}"/>`;
}

function markLine({ at, label }: Ticks, x: Scale): Markup {
  const place = x(at);
  const onRight = place > (size.left + size.width) / 2;
  return html`<line class="mark" x1="${pixel(place)}" x2="${pixel(place)}" y1="${size.top}" y2="${size.height - size.bottom}"/>
<text class="strong" x="${pixel(place + (onRight ? -5 : 5))}" y="${size.height - size.bottom - 6}" text-anchor="${onRight ? "end" : "start"}">${label}</text>`;
}
