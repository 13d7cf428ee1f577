/** The verdict strip: which findings stand there, and where their links lead. */
import type { AppRun, ModuleRow } from "../../../../src/contract/domain/cells.ts";
import type { Finding } from "../../../../src/contract/domain/finding.ts";
import { formatNumberOf } from "../../../../src/contract/format.ts";
import type { CompareModel } from "../compare-model.ts";
import type { CompareSearch } from "../search.ts";
import { type Brush, brushText, parseBrush } from "./brush.ts";

/** For each place of the strip the findings that may stand there, the best first. */
const places: readonly (readonly string[])[] = [
  ["intruders"],
  ["intruder-places", "intruder-kinds", "intruder-layers", "vectors", "size"],
  ["spread", "size"],
  ["old-tasks-change", "old-tasks"],
];

/** The question behind the strip: what is in sight. */
export function findingsQuestion({
  runs,
  search,
  settings: { k, epsilon, side },
  chosenKinds,
  grid,
}: Pick<CompareModel, "runs" | "search" | "settings" | "chosenKinds" | "grid">) {
  const layers = parseBrush(search.layers, grid.layers.length);
  return {
    runs: runs.map(({ id }) => id),
    k,
    epsilon,
    side,
    ...(layers && { layers }),
    ...(chosenKinds.length > 0 && { kinds: [...chosenKinds] }),
  };
}
export type FindingsQuestion = ReturnType<typeof findingsQuestion>;

export function verdict(findings: readonly Finding[]): Finding[] {
  const chosen: Finding[] = [];
  for (const ids of places) {
    const found = ids.flatMap((id) => findings.find((finding) => finding.id === id) ?? []);
    const next = found.find((finding) => !chosen.includes(finding));
    if (next) chosen.push(next);
  }
  return chosen;
}

export interface EvidenceLink {
  label: string;
  /** Parameters that the link sets; undefined where the evidence is already in sight. */
  patch: Partial<CompareSearch> | undefined;
  /** A view of its own. */
  to?: "/spectra" | "/forgetting";
}

export interface EvidenceContext {
  runs: readonly AppRun[];
  rows: readonly ModuleRow[];
  layers: number;
  brush: Brush | undefined;
  search: CompareSearch;
}

/** Undefined where the app has nothing to show behind the sentence. */
export function evidenceLink(finding: Finding, context: EvidenceContext): EvidenceLink | undefined {
  const { id, evidence } = finding;
  const count = evidence.modules.length;
  if (id === "intruders") return count === 0 ? undefined : moduleLink(count);
  if (id.startsWith("intruder-"))
    return brushLink(evidence.modules, context) ?? (count > 0 ? moduleLink(count) : undefined);
  if (id === "size") return metricLink("relative", "Show relative change", context);
  if (id === "spread") return { label: "Open spectra", patch: {}, to: "/spectra" };
  if (id === "old-tasks-change") return { label: "Open forgetting", patch: {}, to: "/forgetting" };
  if (id === "old-tasks") return { label: "Measure", patch: {}, to: "/forgetting" };
  if (id === "failed") return { label: "Show them", patch: { as: "table", q: "status:failed" } };
  return count === 0 ? undefined : moduleLink(count);
}

function moduleLink(count: number): EvidenceLink {
  const label = count === 1 ? "Show the module" : `Show the ${formatNumberOf(count, "module")}`;
  return { label, patch: { as: "table", q: "intruders>0", sort: "-intruders,-energy" } };
}

/** Brushes the layers that hold the modules, where these are fewer than all. */
function brushLink(modules: readonly string[], { rows, layers, brush }: EvidenceContext): EvidenceLink | undefined {
  const names = new Set(modules);
  const found = rows.flatMap(({ name, layer }) => (layer !== null && names.has(name) ? [layer] : []));
  if (found.length === 0) return undefined;
  const range = { from: found.reduce((a, b) => Math.min(a, b)), to: found.reduce((a, b) => Math.max(a, b)) };
  const text = brushText(range, layers);
  if (text === undefined) return undefined;
  if (brush?.from === range.from && brush.to === range.to) return { label: "Brushed below", patch: undefined };
  return {
    label: range.from === range.to ? `Brush layer ${range.from}` : `Brush layers ${range.from}–${range.to}`,
    patch: { layers: text },
  };
}

function metricLink(metric: "relative", label: string, { search }: EvidenceContext): EvidenceLink {
  const shown = (search.metric ?? "relative") === metric && search.as !== "table";
  return shown ? { label: "Shown below", patch: undefined } : { label, patch: { metric, as: "heat" } };
}
