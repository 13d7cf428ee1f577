/** What was compared: the base, the runs, and what each did. */
import { countedModules } from "../../../contract/counted-modules.ts";
import type { AnalysisDocument, RunDocument } from "../../../contract/domain/analysis.ts";
import {
  formatCount,
  formatEffectiveRank,
  formatParameters,
  formatShare,
  formatSignificant,
} from "../../../contract/format.ts";
import { maximum, median } from "../../../contract/statistics.ts";
import { messageAtPlace, shortText } from "../../../contract/text.ts";
import { runTitle } from "./badge.ts";
import { html, type Markup } from "./markup.ts";
import { type Head, table } from "./table.ts";

const heads: readonly Head[] = [
  { title: "Run", left: true },
  { title: "Kind", left: true },
  { title: "Modules" },
  { title: "Intruders" },
  { title: "Intruder energy" },
  { title: "ΔW / W0" },
  { title: "Effective rank" },
  { title: "k90" },
  { title: "σ₁ of ΔW" },
];

export function runsSection({ base, runs, failures }: AnalysisDocument): Markup {
  const facts = [
    base.architecture ?? "unknown architecture",
    `${formatParameters(base.parameters)} parameters`,
    base.dtype,
  ];
  return html`<section><h2>Runs</h2>
<p><span class="name">${base.path}</span> <span class="note">base · ${shortText(facts.join(" · "))}</span></p>
${table(heads, runs.map(runRow))}
<p class="note">Effective rank (entropy) and k90 are medians over the modules; intruder energy is the share of ‖ΔW‖² along the intruder dimensions.</p>
${failures.map(({ label, error }) => html`<p class="error">Left out: ${shortText(label)}: <code>${error.code}</code> ${messageAtPlace(error)}</p>`)}</section>`;
}

function runRow(run: RunDocument, index: number): (string | Markup)[] {
  const { totals } = run;
  const deltas = countedModules(run).flatMap(({ delta }) => (delta ? [delta] : []));
  return [
    runTitle(run, index),
    kindOf(run),
    formatCount(totals.modules),
    intrudersOf(run),
    formatShare(totals.intruderEnergy),
    formatShare(totals.relativeDelta),
    formatEffectiveRank(median(deltas.map(({ effectiveRank }) => effectiveRank.entropy))),
    formatCount(median(deltas.map(({ effectiveRank }) => effectiveRank.energy90))),
    formatSignificant(maximum(deltas.map(({ spectral }) => spectral))),
  ];
}

function kindOf({ kind, adapter }: RunDocument): string {
  if (kind === "full" || adapter === null) return kind === "full" ? "full checkpoint" : "adapter";
  const rank = adapter.rank === null ? "" : `, r ${adapter.rank}`;
  const variants = adapter.variants.length > 0 ? ` (${adapter.variants.join(", ")})` : "";
  return shortText(`${adapter.type}${rank}${variants}`);
}

function intrudersOf({ totals }: RunDocument): string {
  const { intruders, modulesWithIntruders, undecided } = totals;
  if (intruders === null) return "not tested";
  const open = undecided ? `, ${formatCount(undecided)} undecided` : "";
  return intruders === 0 ? `0${open}` : `${formatCount(intruders)} in ${formatCount(modulesWithIntruders)}${open}`;
}
