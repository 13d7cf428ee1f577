/** Accuracies on a new task that the store holds for several ranks on one base. */
import type { AuditRow, AuditSpec } from "../../contract/domain/audit.ts";
import { isMarked } from "../edit/edit-mark.ts";
import { wilsonInterval } from "../evaluation/statistics/wilson.ts";
import type { AnalysisSummary, Store } from "../store/types.ts";
import type { MeasuredRank, MeasuredRanks } from "../theory/measured-order.ts";
import type { AuditServices } from "./services.ts";
import { storedAudit } from "./stored.ts";

/** Fewer runs have no order worth a word. */
const fewestRuns = 2;

/**
 * The new task with the most runs; runs of the same recipe family only: LoRA by rank and full fine-tunes, as they
 * were trained: what an intervention wrote is left out. Undefined
 * without an evaluation of this base, or of any base where `base` is left out.
 * @throws DeltaScopeError when the files of the stored question are gone
 */
export async function measuredRanksOf(
  base: string | undefined,
  store: Store,
  services: () => Promise<AuditServices>,
  signal?: AbortSignal,
): Promise<MeasuredRanks | undefined> {
  const question = (await store.audits()).find(({ spec }) => base === undefined || spec.base === base)?.spec;
  const fresh = question?.tasks.filter(({ role }) => role === "new") ?? [];
  if (!question || fresh.length === 0) return undefined;
  const known = rankedRuns(await store.analyses(), question.base);
  if (known.length < fewestRuns) return undefined;
  const document = await storedAudit(askedOf(question, fresh, known), await services(), signal);
  const byTask = fresh.map(({ name }) => ({
    task: name,
    runs: document.rows.flatMap((row) => (row.task === name ? measuredRank(row, known) : [])),
  }));
  const [fullest] = byTask.toSorted((one, other) => other.runs.length - one.runs.length);
  return fullest && fullest.runs.length >= fewestRuns ? { base: question.base, ...fullest } : undefined;
}

interface RankedRun {
  /** Unique: labels may repeat. */
  name: string;
  label: string;
  path: string;
  analysis: string;
  r: number | undefined;
}

function rankedRuns(analyses: readonly AnalysisSummary[], base: string): RankedRun[] {
  const byPath = new Map<string, RankedRun>();
  for (const { id, base: own, label, path, kind, adapter } of analyses) {
    if (own.path !== base || byPath.has(path) || !isOfRank(kind, adapter) || isMarked(path)) continue;
    const twins = [...byPath.values()].filter((known) => known.label === label).length;
    const r = adapter?.rank ?? undefined;
    byPath.set(path, { name: twins === 0 ? label : `${label} (${twins + 1})`, label, path, analysis: id, r });
  }
  return [...byPath.values()];
}

/** DoRA, other families and adapters whose modules differ in rank have no place on the axis of ranks. */
function isOfRank(kind: AnalysisSummary["kind"], adapter: AnalysisSummary["adapter"]): boolean {
  if (kind === "full") return true;
  if (adapter?.type !== "LORA" || adapter.rank === null) return false;
  return !adapter.variants.includes("dora") && !adapter.variants.includes("rank_pattern");
}

function askedOf(question: AuditSpec, tasks: AuditSpec["tasks"], known: readonly RankedRun[]): AuditSpec {
  const tuned = known.map(({ name, path }) => ({ label: name, path }));
  return { ...question, tasks, tuned, lambdas: [], sequence: false };
}

function measuredRank({ label, acc, items }: AuditRow, known: readonly RankedRun[]): MeasuredRank[] {
  const run = known.find(({ name }) => name === label);
  if (!run || acc === null) return [];
  const { analysis, r } = run;
  return [{ label, analysis, r, accuracy: acc, ci95: wilsonInterval(acc, items), items }];
}
