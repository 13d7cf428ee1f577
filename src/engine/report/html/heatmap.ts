/** Layers × kinds of one run: relative change as colour, intruder dimensions as ringed counts. */
import type { ModuleMeasures, RunDocument } from "../../../contract/domain/analysis.ts";
import { formatCount, formatShare } from "../../../contract/format.ts";
import { definedNumbers, maximum, median, minimum } from "../../../contract/statistics.ts";
import { shortText } from "../../../contract/text.ts";
import { runTitle } from "./badge.ts";
import { html, type Markup } from "./markup.ts";
import { enclosingSteps, pixel } from "./scale.ts";

const steps = 9;
const left = 110;
const top = 18;
const rowHeight = 20;
const widestCell = 44;
const chartWidth = 900;
const medianWidth = 70;
/** Order of the rows; other kinds follow by name. */
const kindOrder = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"];

interface Cell {
  layer: number;
  kind: string;
  relative: number | undefined;
  intruders: number;
  failed: boolean;
}

export function heatmapSection(runs: readonly RunDocument[]): Markup {
  const tracks = runs.map((run) => ({ run, cells: cellsOf(run) }));
  const values = definedNumbers(tracks.flatMap(({ cells }) => cells.map(({ relative }) => relative))).filter(
    (value) => value > 0,
  );
  const [low, high] = [minimum(values), maximum(values)];
  if (low === undefined || high === undefined) return html``;
  const domain = enclosingSteps(low, high);
  return html`<section><h2>Relative change ‖ΔW‖/‖W0‖ by layer and kind</h2>
${legend(domain)}
<div class="tracks">${tracks.map(({ run, cells }, index) => track(run, index, cells, domain))}</div></section>`;
}

/** Experts of one kind share a cell: their largest change, their intruders summed. */
function cellsOf(run: RunDocument): Cell[] {
  const inStack = run.modules.filter(({ layer }) => layer !== null);
  const groups = Map.groupBy(inStack, ({ layer, kind }) => `${layer} ${kind}`);
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    return first === undefined ? [] : [cellOf(first, group)];
  });
}

function cellOf(first: ModuleMeasures, group: readonly ModuleMeasures[]): Cell {
  return {
    layer: first.layer ?? 0,
    kind: first.kind,
    relative: maximum(group.map(({ delta }) => delta?.relative)),
    intruders: group.reduce((sum, { intruders }) => sum + (intruders ?? 0), 0),
    failed: group.every(({ status }) => status === "failed"),
  };
}

function legend([low, high]: [number, number]): Markup {
  const boxes = Array.from(
    { length: steps },
    (_, step) => html`<rect class="f${step}" x="${60 + step * 22}" y="2" width="22" height="10"/>`,
  );
  return html`<svg viewBox="0 0 520 16" width="520" height="16" role="img" aria-label="Colours run from ${formatShare(low)} to ${formatShare(high)} on a log scale; a ringed number counts intruder dimensions">
<text x="54" y="11" text-anchor="end">${formatShare(low)}</text>${boxes}<text x="${60 + steps * 22 + 6}" y="11">${formatShare(high)}</text>
<rect class="ring" x="340" y="2" width="14" height="11" rx="2"/><text class="count" x="347" y="11">n</text><text x="360" y="11">intruder dimensions</text></svg>`;
}

function track(run: RunDocument, index: number, cells: readonly Cell[], domain: [number, number]): Markup {
  if (cells.length === 0) return html``;
  const kinds = orderedKinds(cells);
  const layers = 1 + (maximum(cells.map(({ layer }) => layer)) ?? 0);
  const cellWidth = Math.min(widestCell, (chartWidth - left - medianWidth) / layers);
  const height = top + kinds.length * rowHeight;
  const width = left + layers * cellWidth + medianWidth;
  return html`<figure><h3>${runTitle(run, index)}</h3><svg viewBox="0 0 ${pixel(width)} ${height}" width="${pixel(width)}" height="${height}" role="img" aria-label="Relative change of ${run.label} by layer and kind; the module table holds the numbers">
${layerAxis(layers, cellWidth)}
${kinds.map((kind, row) => kindRow(kind, row, cells, { layers, cellWidth, domain }))}</svg></figure>`;
}

function orderedKinds(cells: readonly Cell[]): string[] {
  const rank = (kind: string): number => (kindOrder.includes(kind) ? kindOrder.indexOf(kind) : kindOrder.length);
  return [...new Set(cells.map(({ kind }) => kind))].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
}

function layerAxis(layers: number, cellWidth: number): Markup {
  const step = Math.max(1, Math.ceil(28 / cellWidth));
  const labels: Markup[] = [];
  for (let layer = 0; layer < layers; layer += step) {
    labels.push(html`<text x="${pixel(left + (layer + 0.5) * cellWidth)}" y="11" text-anchor="middle">${layer}</text>`);
  }
  return html`<text x="${left - 8}" y="11" text-anchor="end">layer</text>${labels}<text x="${pixel(left + layers * cellWidth + medianWidth - 4)}" y="11" text-anchor="end">median</text>`;
}

interface Frame {
  layers: number;
  cellWidth: number;
  domain: [number, number];
}

function kindRow(kind: string, row: number, cells: readonly Cell[], frame: Frame): Markup {
  const own = cells.filter((cell) => cell.kind === kind);
  const y = top + row * rowHeight;
  const middle = median(own.map(({ relative }) => relative));
  return html`<text x="${left - 8}" y="${y + 14}" text-anchor="end">${shortText(kind, 16)}</text>
${own.map((cell) => cellMark(cell, y, frame))}<text x="${pixel(left + frame.layers * frame.cellWidth + medianWidth - 4)}" y="${y + 14}" text-anchor="end">${formatShare(middle)}</text>`;
}

function cellMark(cell: Cell, y: number, { cellWidth, domain }: Frame): Markup {
  const x = left + cell.layer * cellWidth;
  const box = html`x="${pixel(x + 0.5)}" y="${y + 0.5}" width="${pixel(Math.max(1, cellWidth - 1))}" height="${rowHeight - 1}" rx="1.5"`;
  const title = `layer ${cell.layer}, ${shortText(cell.kind)}: ${cell.failed ? "failed" : formatShare(cell.relative)}`;
  const base = html`<rect class="${fillOf(cell, domain)}" ${box}><title>${title}${cell.intruders > 0 ? `, ${formatCount(cell.intruders)} intruder dimensions` : ""}</title></rect>`;
  return cell.intruders > 0 ? html`${base}${ring(cell.intruders, x, y, cellWidth)}` : base;
}

/** Where a cell is too narrow for the number, the ring alone stands for it; the title and the table say how many. */
function ring(count: number, x: number, y: number, cellWidth: number): Markup {
  const width = Math.min(cellWidth - 3, 22);
  const centre = x + cellWidth / 2;
  const box = html`x="${pixel(centre - width / 2)}" y="${y + 2.5}" width="${pixel(Math.max(2, width))}" height="${rowHeight - 5}" rx="2"`;
  if (width < 11) return html`<rect class="ring" ${box}/>`;
  return html`<rect class="count-ground" ${box}/><rect class="ring" ${box}/><text class="count" x="${pixel(centre)}" y="${y + 13.5}">${count}</text>`;
}

function fillOf({ relative, failed }: Cell, [low, high]: [number, number]): string {
  if (failed) return "cell-failed";
  if (relative === undefined || relative <= 0) return "cell-missing";
  const share = Math.log(relative / low) / (Math.log(high / low) || 1);
  return `f${Math.min(steps - 1, Math.max(0, Math.round(share * (steps - 1))))}`;
}
