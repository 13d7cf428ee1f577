/** The λ sweep of one run: what each arm keeps of the old tasks (x) against the new task (y), in points from the base. */
import type { SweepPoint } from "../../../contract/domain/audit.ts";
import type { Arm } from "../../../contract/domain/edit.ts";
import { formatPoints, formatThreshold } from "../../../contract/format.ts";
import { html, type Markup } from "./markup.ts";
import { linearScale, pixel, type Scale } from "./scale.ts";

const size = { width: 340, height: 240, left: 44, right: 16, top: 22, bottom: 36 };
/** Ticks on each axis, both ends included. */
const ticks = 4;

/** Names of the arms as the report says them; places in the colours of runs, so that arms differ in hue too. */
export const armNames: Record<Arm, string> = {
  scale: "intruders × λ",
  step: "same step",
  shrink: "same norm",
  rescaled: "rescaled",
  interpolate: "whole ΔW × λ",
  neighbour: "neighbours × λ",
};
const armColours: Record<Arm, number> = { scale: 1, step: 0, shrink: 5, rescaled: 3, interpolate: 2, neighbour: 4 };
const armDashes: Record<Arm, string> = {
  scale: "",
  step: "4 3",
  shrink: "7 2 2 2",
  rescaled: "2 3",
  interpolate: "9 3",
  neighbour: "7 3",
};

/** Undefined for a run without a sweep or without a new task. */
export function sweepChart(points: readonly SweepPoint[], name: string): Markup | undefined {
  const measured = points.filter(({ newTask }) => newTask !== null);
  const trained = measured.find(({ lambda }) => lambda === 1);
  const arms = [...new Set(measured.filter(({ lambda }) => lambda !== 1).map(({ arm }) => arm))];
  if (trained === undefined || arms.length === 0) return undefined;
  const x = linearScale(range(measured.map(oldTasks)), [size.left, size.width - size.right]);
  const y = linearScale(range(measured.map(newTask)), [size.height - size.bottom, size.top]);
  const paths = arms.map((arm) => {
    const own = measured.filter((point) => point.arm === arm && point.lambda !== 1);
    return path(arm, [trained, ...own.toSorted((one, other) => other.lambda - one.lambda)], x, y);
  });
  return html`<svg viewBox="0 0 ${size.width} ${size.height}" width="${size.width}" height="${size.height}" role="img" aria-label="${`λ sweep of ${name}`}">
${grid(x, y)}${paths}
<text x="${size.left - 40}" y="12">new task, points</text>
<text x="${size.width - size.right}" y="${size.height - 4}" text-anchor="end">old tasks, points</text></svg>`;
}

function oldTasks({ retention }: SweepPoint): number {
  return retention.difference;
}

function newTask(point: SweepPoint): number {
  return point.newTask?.difference ?? 0;
}

/** A little wider than the values, so that marks stay inside. */
function range(values: readonly number[]): [number, number] {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const room = (high - low || 0.02) * 0.08;
  return [low - room, high + room];
}

function grid(x: Scale, y: Scale): Markup {
  const bottom = size.height - size.bottom;
  const rows = steps(y.domain).map(
    (value) =>
      html`<line class="grid" x1="${size.left}" x2="${size.width - size.right}" y1="${pixel(y(value))}" y2="${pixel(y(value))}"/><text x="${size.left - 6}" y="${pixel(y(value) + 4)}" text-anchor="end">${formatPoints(value, 1)}</text>`,
  );
  const columns = steps(x.domain).map(
    (value) =>
      html`<text x="${pixel(x(value))}" y="${bottom + 14}" text-anchor="middle">${formatPoints(value, 1)}</text>`,
  );
  return html`${rows}<line class="axis" x1="${size.left}" x2="${size.width - size.right}" y1="${bottom}" y2="${bottom}"/>${columns}`;
}

function steps([low, high]: [number, number]): number[] {
  return Array.from({ length: ticks }, (_, step) => low + ((high - low) * (step + 0.5)) / ticks);
}

function path(arm: Arm, points: readonly SweepPoint[], x: Scale, y: Scale): Markup {
  const colour = armColours[arm];
  const places = points.map((point) => ({ point, at: [pixel(x(oldTasks(point))), pixel(y(newTask(point)))] as const }));
  const marks = places.map(
    ({ point, at }) =>
      html`<circle class="fill-${colour}" cx="${at[0]}" cy="${at[1]}" r="3"><title>${`${armNames[point.arm]} ${formatThreshold(point.lambda)}`}</title></circle>`,
  );
  const line = `M${places.map(({ at }) => at.join(" ")).join("L")}`;
  return html`<path class="curve stroke-${colour}" stroke-dasharray="${armDashes[arm]}" d="${line}"/>${marks}`;
}

/** Which line is which. */
export function armLegend(arms: readonly Arm[]): Markup {
  return html`<p class="note">${arms.map((arm) => html`<svg width="26" height="8" style="display:inline-block" aria-hidden="true"><path class="curve stroke-${armColours[arm]}" stroke-dasharray="${armDashes[arm]}" d="M0 4L26 4"/></svg> ${armNames[arm]} &nbsp; `)}</p>`;
}
