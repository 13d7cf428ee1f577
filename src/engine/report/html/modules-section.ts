/** The modules that deserve a look: those with most intruder energy, else those that changed most. */
import type { AnalysisDocument, ModuleMeasures } from "../../../contract/domain/analysis.ts";
import {
  formatCosine,
  formatCount,
  formatEffectiveRank,
  formatShare,
  formatSignificant,
} from "../../../contract/format.ts";
import { minimum } from "../../../contract/statistics.ts";
import { shortText } from "../../../contract/text.ts";
import { runTitle } from "./badge.ts";
import { html, type Markup } from "./markup.ts";
import { type Head, table } from "./table.ts";

const shownModules = 10;

const heads: readonly Head[] = [
  { title: "Run", left: true },
  { title: "Module", left: true },
  { title: "Shape" },
  { title: "Intruders" },
  { title: "Intruder energy" },
  { title: "Lowest max |cos|" },
  { title: "Pressure" },
  { title: "ΔW / W0" },
  { title: "Effective rank" },
  { title: "σ₁ of ΔW" },
];

interface Row {
  label: string;
  index: number;
  module: ModuleMeasures;
}

export function modulesSection({ runs }: AnalysisDocument): Markup {
  const rows = runs.flatMap(({ label, modules }, index) => modules.map((module): Row => ({ label, index, module })));
  const byEnergy = rows.filter(({ module }) => (module.intruders ?? 0) > 0);
  const title = byEnergy.length > 0 ? "Modules with most intruder energy" : "Modules with the largest relative change";
  const shown = (byEnergy.length > 0 ? byEnergy : rows)
    .sort((a, b) => weight(b.module) - weight(a.module))
    .slice(0, shownModules);
  if (shown.length === 0) return html``;
  return html`<section><h2>${title}</h2>${table(heads, shown.map(cells))}
<p class="note">Pressure is s₁(ΔW) over the strength at which a random direction would enter the top k; intruders appear from about 1 on.
The lowest max |cos| is a lower bound.</p></section>`;
}

function weight({ intruders, intruderEnergy, delta }: ModuleMeasures): number {
  return (intruders ?? 0) > 0 ? (intruderEnergy ?? 0) : (delta?.relative ?? 0);
}

function cells({ label, index, module }: Row): (string | Markup)[] {
  return [
    runTitle({ label }, index),
    html`<span class="name">${shortText(module.name)}</span>`,
    module.shape.map((size) => formatCount(size)).join(" × "),
    formatCount(module.intruders),
    formatShare(module.intruderEnergy),
    formatCosine(minimum((module.vectors ?? []).map(({ maxCosine }) => maxCosine.lower))),
    formatSignificant(module.pressure, 2),
    formatShare(module.delta?.relative),
    formatEffectiveRank(module.delta?.effectiveRank.entropy),
    formatSignificant(module.delta?.spectral),
  ];
}
