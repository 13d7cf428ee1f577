/** Findings first: each sentence in its pieces, with the standing of its numbers. */
import type { Finding, FindingPart } from "../../../contract/domain/finding.ts";
import { findingPartText } from "../../../contract/finding-text.ts";
import { runBadge } from "./badge.ts";
import { html, type Markup } from "./markup.ts";

/** @param runs in the order of their letters */
export function findingsSection({
  findings,
  runs,
}: {
  findings: readonly Finding[];
  runs: readonly { label: string }[];
}): Markup {
  if (findings.length === 0) return html``;
  const places = new Map(runs.map(({ label }, index) => [label, index]));
  return html`<section><h2>Findings</h2><ul class="findings">${findings.map((finding) => item(finding, places))}</ul></section>`;
}

function item(finding: Finding, places: ReadonlyMap<string, number>): Markup {
  const standings = finding.parts.flatMap((part) => ("standing" in part ? [part.standing] : []));
  const chips = [...new Set(standings)].map((standing) => html` <span class="chip ${standing}">${standing}</span>`);
  // What says that an effect is not shown stands on a warning ground, as in the app.
  const ground = finding.id.startsWith("control") ? " caution" : "";
  return html`<li class="${`finding${ground}`}">${finding.parts.map((part) => piece(part, places))}${chips}</li>`;
}

function piece(part: FindingPart, places: ReadonlyMap<string, number>): Markup {
  if ("value" in part) return html`<b>${findingPartText(part)}</b>`;
  if ("text" in part) return html`${part.text}`;
  const index = places.get(part.run);
  return html`${index === undefined ? undefined : html`${runBadge(index)} `}${part.run}`;
}
