/** Spectra of ΔW and their cumulative energy, one pair of charts per run. */
import type { ModuleMeasures, RunDocument } from "../../../contract/domain/analysis.ts";
import { formatCount, formatSignificant } from "../../../contract/format.ts";
import { maximum, median } from "../../../contract/statistics.ts";
import { runTitle } from "./badge.ts";
import { type Line, linesChart } from "./lines-chart.ts";
import { html, type Markup } from "./markup.ts";
import { decadeTicks, enclosingSteps, linearScale, logScale } from "./scale.ts";

/** Values further below the largest than this are numerical dust and would flatten the chart. */
const shownDecades = 6;
const percentTicks = [0, 0.5, 0.9, 1].map((at) => ({ at, label: `${at * 100} %` }));

export function spectraSection(runs: readonly RunDocument[]): Markup {
  const shown = runs.flatMap((run, index) => {
    const modules = run.modules.filter(hasSpectrum);
    return modules.length === 0 ? [] : [{ run, index, modules }];
  });
  if (shown.length === 0) return html``;
  const domain = spectrumDomain(shown.flatMap(({ modules }) => modules));
  const lengths = shown.flatMap(({ modules }) => modules.map(({ delta }) => delta?.singularValues.length));
  const lastIndex = maximum(lengths) ?? 1;
  return html`<section><h2>Spectra of ΔW</h2>
<p class="note">One line per module, pale to dark from the first layer to the last; axes are shared by all runs.</p>
${shown.map(({ run, index, modules }) => runCharts(run, index, modules, domain, lastIndex))}</section>`;
}

function hasSpectrum({ delta, group }: ModuleMeasures): boolean {
  return delta !== null && delta.spectral > 0 && group !== "embedding" && group !== "head";
}

function spectrumDomain(modules: readonly ModuleMeasures[]): [number, number] {
  const largest = maximum(modules.map(({ delta }) => delta?.spectral)) ?? 1;
  let smallest = largest;
  for (const { delta } of modules) {
    for (const value of delta?.singularValues ?? []) {
      if (value > Math.max(delta?.resolution ?? 0, largest * 10 ** -shownDecades)) smallest = Math.min(smallest, value);
    }
  }
  return enclosingSteps(smallest, largest);
}

function runCharts(
  run: RunDocument,
  index: number,
  modules: readonly ModuleMeasures[],
  domain: [number, number],
  lastIndex: number,
): Markup {
  const last = lastLayer(modules);
  return html`<div><h3>${runTitle(run, index)}</h3><div class="charts">
<figure>${linesChart({
    name: `Singular values of ΔW of ${run.label}, one line per module`,
    yCaption: "σ of ΔW",
    lines: modules.map((module) => line(module, last, module.delta?.singularValues ?? [])),
    yScale: (range) => logScale(domain, range),
    yTicks: decadeTicks(domain, 5).map((at) => ({ at, label: formatSignificant(at, 1) })),
    lastIndex,
  })}</figure>
<figure>${energyChart(run, modules, lastIndex)}</figure></div></div>`;
}

function energyChart(run: RunDocument, modules: readonly ModuleMeasures[], lastIndex: number): Markup {
  const last = lastLayer(modules);
  const k90 = median(modules.map(({ delta }) => delta?.effectiveRank.energy90));
  return linesChart({
    name: `Share of the energy of ΔW in the k largest directions of ${run.label}, one line per module`,
    yCaption: "E(k)",
    lines: modules.map((module) => line(module, last, cumulativeEnergy(module.delta?.singularValues ?? []))),
    yScale: (range) => linearScale([0, 1], range),
    yTicks: percentTicks,
    lastIndex,
    ...(k90 === undefined ? {} : { mark: { at: Math.max(1, k90), label: `median k90 ${formatCount(k90)}` } }),
  });
}

/** E_k = Σ_{i≤k} σᵢ² / Σσᵢ². */
function cumulativeEnergy(values: readonly number[]): number[] {
  const whole = values.reduce((sum, value) => sum + value * value, 0);
  let held = 0;
  return values.map((value) => {
    held += value * value;
    return held / whole;
  });
}

function lastLayer(modules: readonly ModuleMeasures[]): number {
  return Math.max(1, maximum(modules.map(({ layer }) => layer)) ?? 0);
}

function line(module: ModuleMeasures, last: number, values: readonly number[]): Line {
  return { values, depth: (module.layer ?? 0) / last };
}
