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
import { modulesSection } from "./html/modules-section.ts";
import { page } from "./html/page.ts";
import { pinsSection } from "./html/pins-section.ts";
import { provenanceSection } from "./html/provenance.ts";
import { runsSection } from "./html/runs.ts";
import { spectraSection } from "./html/spectra.ts";

/** `pins` come first. */
export function renderReport(document: AnalysisDocument, pins: readonly Pin[] = []): string {
  const title = `DeltaScope: ${document.runs.map(({ label }) => shortText(label, 40)).join(", ")}`;
  return page({
    title,
    heading: "What fine-tuning did to the weights",
    startedAt: document.startedAt,
    version: document.version,
    sections: [
      pinsSection(pins),
      findingsSection(document),
      runsSection(document),
      heatmapSection(document.runs),
      modulesSection(document),
      spectraSection(document.runs),
      alertsSection(document),
      provenanceSection(document),
      glossarySection(),
    ],
  });
}
