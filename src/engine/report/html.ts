/**
 * The report as one self-contained page: no script, nothing loaded, every text from data escaped, light, dark and print.
 * @returns the HTML source
 */
import type { AnalysisDocument } from "../../contract/domain/analysis.ts";
import type { Pin } from "../../contract/domain/pin.ts";
import { shortText } from "../../contract/text.ts";
import { alertsSection, glossarySection } from "./html/alerts-section.ts";
import { findingsSection } from "./html/findings-section.ts";
import { heatmapSection } from "./html/heatmap.ts";
import { html, trusted } from "./html/markup.ts";
import { modulesSection } from "./html/modules-section.ts";
import { pinsSection } from "./html/pins-section.ts";
import { provenanceSection } from "./html/provenance.ts";
import { runsSection } from "./html/runs.ts";
import { spectraSection } from "./html/spectra.ts";
import { styles } from "./html/styles.ts";

const policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

/** `pins` come first. */
export function renderReport(document: AnalysisDocument, pins: readonly Pin[] = []): string {
  const title = `DeltaScope: ${document.runs.map(({ label }) => shortText(label, 40)).join(", ")}`;
  const date = document.startedAt.slice(0, 16).replace("T", " ");
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="referrer" content="no-referrer">
<title>${title}</title><style>${trusted(styles)}</style></head><body>
<header><h1>What fine-tuning did to the weights</h1><p class="note">${date} UTC · DeltaScope ${document.version}</p></header>
<main>${pinsSection(pins)}${findingsSection(document)}${runsSection(document)}${heatmapSection(document.runs)}${modulesSection(document)}${spectraSection(document.runs)}${alertsSection(document)}${provenanceSection(document)}${glossarySection()}</main>
</body></html>
`.source;
}
