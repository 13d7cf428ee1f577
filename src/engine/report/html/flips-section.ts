/** Items that turned from right to wrong, or the reverse: how many, and some of them in full. */
import type { ItemDetail } from "../../../contract/api.ts";
import type { AuditDocument } from "../../../contract/domain/audit.ts";
import { formatAccuracy, formatCount } from "../../../contract/format.ts";
import { shortText } from "../../../contract/text.ts";
import { html, type Markup } from "./markup.ts";
import { table } from "./table.ts";

/** Longer prompts are cut; the task's file holds them. */
const longestContext = 2000;

export function flipsSection({ flips }: Pick<AuditDocument, "flips">, examples: readonly ItemDetail[]): Markup {
  const trained = flips.filter(({ lambda }) => lambda === 1);
  if (trained.length === 0) return html``;
  const lost = trained.filter(({ kind }) => kind === "lost").length;
  const ties = trained.filter(({ nearTie }) => nearTie).length;
  return html`<section><h2>Flips</h2>
<p>${formatCount(lost)} answers lost and ${formatCount(trained.length - lost)} gained by the runs as trained${ties > 0 ? `, ${formatCount(ties)} of them near ties` : ""}.</p>
${examples.map(example)}</section>`;
}

function example({ task, index, context, choices, gold, answers }: ItemDetail): Markup {
  const heads = [
    { title: "Choice", left: true as const },
    ...answers.map(({ label, lambda }) => ({
      title: shortText(lambda === 1 ? label : `${label} λ ${lambda}`, 40),
    })),
  ];
  const rows = choices.map((choice, place) => [
    html`${gold.includes(place) ? "✓ " : ""}${shortText(choice)}`,
    ...answers.map(({ prediction, probabilities }) => {
      const share = formatAccuracy(probabilities[place]);
      return prediction === place ? html`<b>${share}</b>` : share;
    }),
  ]);
  const lines = context.slice(0, longestContext).split("\n");
  return html`<h3>${shortText(task, 40)}, item ${index + 1}</h3>
<pre>${lines.map((line, place) => html`${place === 0 ? "" : html`<br>`}${line}`)}${context.length > longestContext ? " …" : ""}</pre>
${table(heads, rows)}`;
}
