/** Analyses that an audit needs: found in the store, or measured and kept there. */
import { analysisSettings } from "../../contract/domain/analysis.ts";
import type { AuditSpec } from "../../contract/domain/audit.ts";
import { analysisId } from "../analysis/question.ts";
import { runAnalysis } from "../analysis/run.ts";
import type { EditServices } from "../edit/services.ts";
import type { Models } from "../evaluation/models.ts";
import type { AnalysisSummary, Store } from "../store/types.ts";
import type { Step } from "./scoring.ts";

export interface WeightServices {
  models: Models;
  edits: EditServices;
  store: Store;
}

type Test = Pick<AuditSpec, "k" | "epsilon" | "threads">;

/** Measures what is not stored whole; answers of the store cost nothing and leave no trace. */
export async function* measureAgainst(
  base: string,
  tuned: AuditSpec["tuned"],
  { k, epsilon, threads }: Test,
  { models, edits, store }: WeightServices,
  signal: AbortSignal | undefined,
): AsyncGenerator<Step, void> {
  const settings = analysisSettings.parse({ k, epsilon });
  const open: AuditSpec["tuned"] = [];
  for (const run of tuned) {
    const known = await storedAnalysis(base, run.path, { k, epsilon }, { models, store });
    if (known === undefined) open.push(run);
  }
  if (open.length === 0) return;
  const spec = { base, tuned: open, settings, embeddings: false, threads };
  for await (const event of runAnalysis(spec, { backend: edits.backend, store }, signal)) {
    if (event.type === "progress") yield event;
  }
}

/** Id of the analysis of this pair, where it is stored whole. */
export async function storedAnalysis(
  base: string,
  tuned: string,
  { k, epsilon }: Pick<Test, "k" | "epsilon">,
  { models, store }: Pick<WeightServices, "models" | "store">,
): Promise<string | undefined> {
  const [before, after] = await Promise.all([models.openFull(base), models.open(tuned)]);
  const id = analysisId(before.fingerprint, after.fingerprint, analysisSettings.parse({ k, epsilon }));
  const found = (await store.analyses()).find((summary) => summary.id === id);
  return found && isWhole(found) ? id : undefined;
}

export function isWhole({ stored, total }: AnalysisSummary): boolean {
  return total > 0 && stored >= total;
}
