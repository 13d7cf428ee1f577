/** An audit as one self-contained page, with every text from data escaped. */
import type { ItemDetail } from "../../contract/api.ts";
import type { AuditDocument } from "../../contract/domain/audit.ts";
import { formatCount, formatSeconds, formatThreshold } from "../../contract/format.ts";
import { messageAtPlace, shortText } from "../../contract/text.ts";
import { alertsSection } from "./html/alerts-section.ts";
import { chainSection, confoundsSection } from "./html/chain-section.ts";
import { findingsSection } from "./html/findings-section.ts";
import { flipsSection } from "./html/flips-section.ts";
import { auditRuns, forgettingSection, sweepSection } from "./html/forgetting-section.ts";
import { html, type Markup } from "./html/markup.ts";
import { page } from "./html/page.ts";

/** @returns the HTML source */
export function renderAudit(document: AuditDocument, examples: readonly ItemDetail[] = []): string {
  const runs = auditRuns(document);
  return page({
    title: `DeltaScope: forgetting of ${runs.map(({ label }) => shortText(label, 40)).join(", ")}`,
    heading: "What fine-tuning forgot",
    startedAt: document.startedAt,
    version: document.version,
    sections: [
      findingsSection({ findings: document.findings, runs }),
      forgettingSection(document),
      sweepSection(document),
      chainSection(document),
      confoundsSection(document),
      flipsSection(document, examples),
      alertsSection(document),
      failuresSection(document),
      methodSection(document),
    ],
  });
}

function failuresSection({ failures }: AuditDocument): Markup {
  if (failures.length === 0) return html``;
  return html`<section><h2>Left out</h2>${failures.map(({ label, error }) => html`<p class="error">${shortText(label)}: <code>${error.code}</code> ${messageAtPlace(error)}</p>`)}</section>`;
}

function methodSection({ base, baseline, settings, seconds }: AuditDocument): Markup {
  const sample =
    settings.limit === undefined
      ? "all items"
      : `a sample of ${formatCount(settings.limit)} items of each task, seed ${settings.seed}`;
  return html`<section><h2>Provenance</h2><dl>
<dt>Base</dt><dd><span class="name">${base.path}</span><br><code>${base.fingerprint}</code></dd>
<dt>Items</dt><dd>${baseline.map(({ task, items }) => `${shortText(task, 40)} ${formatCount(items)}`).join(", ")}; ${sample}</dd>
<dt>Scoring</dt><dd>float32 on the CPU, lm-evaluation-harness rules; vocabulary of the ${settings.vocab}${settings.chatTemplate ? ", chat template" : ""}</dd>
<dt>Intruder test</dt><dd>k ${settings.k}, ε ${formatThreshold(settings.epsilon)}, left vectors</dd>
<dt>Time</dt><dd>${formatSeconds(seconds)}</dd></dl></section>`;
}
