/** A chain of fine-tunes, and what forgetting goes with over the runs of the workspace. */
import type { AuditDocument, Confound } from "../../../contract/domain/audit.ts";
import {
  formatAccuracy,
  formatCount,
  formatPoints,
  formatProbability,
  formatSignificant,
} from "../../../contract/format.ts";
import { shortText } from "../../../contract/text.ts";
import { html, type Markup } from "./markup.ts";
import { type Head, table } from "./table.ts";

export function chainSection({ stages }: Pick<AuditDocument, "stages">): Markup {
  if (stages.length === 0) return html``;
  const tasks = [...new Set(stages.flatMap(({ accuracy }) => Object.keys(accuracy)))];
  const heads: Head[] = [
    { title: "Stage", left: true },
    { title: "Intruders" },
    { title: "Since last stage" },
    ...tasks.map((task) => ({ title: shortText(task, 40) })),
  ];
  const rows = stages.map((stage) => [
    shortText(`${stage.stage} ${stage.label}`),
    formatCount(stage.intrudersAgainstBase),
    formatCount(stage.intrudersAgainstPrevious),
    ...tasks.map((task) => {
      const lost = stage.forgetting[task] ?? 0;
      return formatAccuracy(stage.accuracy[task]) + (lost > 0 ? ` (${formatPoints(-lost, 1)})` : "");
    }),
  ]);
  return html`<section><h2>Chain of fine-tunes</h2>${table(heads, rows)}
<p class="note">In brackets: points below the best earlier stage, the base included.</p></section>`;
}

const propertyNames: Record<Confound["property"], string> = {
  intruders: "Intruder count",
  intruderEnergy: "Intruder energy",
  deltaFrobenius: "‖ΔW‖",
};

export function confoundsSection({ confounds }: Pick<AuditDocument, "confounds">): Markup {
  if (confounds.every(({ spearman }) => spearman === null)) return html``;
  const heads: Head[] = [
    { title: "Property", left: true },
    { title: "Spearman" },
    { title: "p" },
    { title: "Partial" },
    { title: "Runs" },
  ];
  const rows = confounds.map(({ property, spearman, pValue, partial, n }) => [
    propertyNames[property],
    formatSignificant(spearman, 2),
    formatProbability(pValue),
    formatSignificant(partial, 2),
    formatCount(n),
  ]);
  return html`<section><h2>What forgetting goes with</h2>${table(heads, rows)}
<p class="note">Rank correlation over all runs of the workspace with scores and an analysis. Partial: given ‖ΔW‖; for ‖ΔW‖ given the intruder count.</p></section>`;
}
