/** Layers × kinds of one run: how many intruders sit where. Only kinds that have some. */
import type { ModuleMeasures, RunDocument } from "../../contract/domain/analysis.ts";
import { shortText } from "../../contract/text.ts";
import type { Style } from "../terminal/style.ts";
import { displayWidth, fit, padEnd } from "../terminal/width.ts";

const widestKind = 14;
const axisStep = 5;

export function intruderSketch(run: RunDocument, width: number, style: Style): string[] {
  const marked = run.modules.filter(({ intruders }) => (intruders ?? 0) > 0);
  if (marked.length === 0) return [];
  const inStack = marked.filter(({ layer }) => layer !== null);
  const title = style.bold(fit(`Intruders of ${shortText(run.label)}`, width));
  return [title, ...stackLines(run, inStack, width), ...otherLines(marked, width)];
}

function stackLines(run: RunDocument, marked: readonly ModuleMeasures[], width: number): string[] {
  if (marked.length === 0) return [];
  const kinds = [...new Set(marked.map(({ kind }) => kind))];
  const head = Math.min(widestKind, Math.max(5, ...kinds.map((kind) => displayWidth(shortText(kind)))));
  const layers = 1 + run.modules.reduce((last, { layer }) => Math.max(last, layer ?? 0), 0);
  const perCell = Math.ceil(layers / Math.max(1, width - head - 2));
  const cells = Math.ceil(layers / perCell);
  const rows = kinds.map((kind) => {
    const counts = countsByCell(run, kind, perCell, cells);
    return `${padEnd(fit(shortText(kind), head), head)}  ${counts.map(mark).join("")}`;
  });
  return [`${padEnd("layer", head)}  ${axis(cells, perCell)}`.trimEnd(), ...rows];
}

/** Intruders of one kind per cell (experts summed); undefined where no module stands. */
function countsByCell(run: RunDocument, kind: string, perCell: number, cells: number): (number | undefined)[] {
  const counts = new Array<number | undefined>(cells).fill(undefined);
  for (const module of run.modules) {
    if (module.kind !== kind || module.layer === null || module.intruders === null) continue;
    const cell = Math.floor(module.layer / perCell);
    counts[cell] = (counts[cell] ?? 0) + module.intruders;
  }
  return counts;
}

function mark(count: number | undefined): string {
  if (count === undefined) return " ";
  if (count === 0) return "·";
  return count < 10 ? String(count) : "+";
}

/** Layer numbers over every fifth cell. */
function axis(cells: number, perCell: number): string {
  let text = "";
  for (let cell = 0; cell < cells; cell += axisStep) text = padEnd(text, cell) + String(cell * perCell);
  return text;
}

/** Modules outside the stack (embeddings, head) by name. */
function otherLines(marked: readonly ModuleMeasures[], width: number): string[] {
  return marked
    .filter(({ layer }) => layer === null)
    .map(({ name, intruders }) => fit(`${shortText(name)}  ${intruders}`, width));
}
