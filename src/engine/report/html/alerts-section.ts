/** What was odd, and the words of the report. */
import type { AnalysisDocument } from "../../../contract/domain/analysis.ts";
import { messageAtPlace } from "../../../contract/text.ts";
import { html, type Markup } from "./markup.ts";

/** Places named per alert; the document holds all. */
const shownPlaces = 5;

export function alertsSection({ alerts }: Pick<AnalysisDocument, "alerts">): Markup {
  if (alerts.length === 0) return html``;
  const groups = Map.groupBy(alerts, ({ code }) => code);
  return html`<section><h2>Alerts</h2>${[...groups.values()].map(group)}</section>`;
}

function group(alerts: AnalysisDocument["alerts"]): Markup {
  const [first] = alerts;
  if (first === undefined) return html``;
  const more = alerts.length - shownPlaces;
  return html`<div><p class="${first.severity}"><code>${first.code}</code> × ${alerts.length}</p>
${alerts.slice(0, shownPlaces).map((alert) => html`<p>${alert.run === undefined ? "" : `${alert.run}: `}${messageAtPlace(alert)}</p>`)}
${more > 0 ? html`<p class="note">and ${more} more in the JSON document</p>` : undefined}<p class="note">${first.tip}</p></div>`;
}

const glossary: readonly [string, string][] = [
  ["ΔW", "Tuned minus base weight of one module."],
  ["Relative change", "‖ΔW‖ / ‖W0‖, Frobenius norm."],
  ["σ", "Singular value: how strongly a matrix stretches one direction."],
  ["E(k), k90", "Share of Σσ² held by the k largest values; fewest directions that hold 90 % of it."],
  ["Effective rank", "exp of the entropy of σ/Σσ: how many directions matter."],
  [
    "Intruder dimension",
    "One of the top k left singular vectors of W whose best |cos| with all left singular vectors of W0 is below ε.",
  ],
  ["Intruder energy", "Share of ‖ΔW‖² that lies along the intruder dimensions."],
  [
    "Certified",
    "Lower and upper bounds of that cosine lie on one side of ε. Computed: exact up to rounding. Estimated: a model's value.",
  ],
];

export function glossarySection(): Markup {
  return html`<section><h2>Words</h2><dl>${glossary.map(([word, meaning]) => html`<dt>${word}</dt><dd>${meaning}</dd>`)}</dl></section>`;
}
