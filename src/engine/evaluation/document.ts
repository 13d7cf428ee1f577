/** The evaluation document: what was asked, what every item answered, and how it was computed. */
import type { Alert } from "../../contract/alerts.ts";
import type { EvaluationDocument } from "../../contract/domain/evaluation.ts";
import { programVersion } from "../version.ts";
import type { EvaluationQuestion, EvaluationResult } from "./evaluate.ts";

/** How an answer came about, for readers of the document. */
const method = "onnxruntime, float32 on the CPU";

export function evaluationDocument(
  { settings, threads }: Pick<EvaluationQuestion, "settings" | "threads">,
  result: EvaluationResult,
  { alerts, seconds }: { alerts: readonly Alert[]; seconds: number },
): EvaluationDocument {
  const { identity, reference, results, packed, merged, requests, rows, tokens, reused } = result;
  const { base, tuned, variant } = identity;
  const model = tuned?.kind === "full" ? tuned : base;
  const { maxLength, prefixToken, vocabRows } = reference.settings;
  return {
    schema: "deltascope.evaluation/1",
    version: programVersion,
    model: { path: model.path, fingerprint: model.fingerprint },
    adapter: tuned?.kind === "adapter" ? { path: tuned.path, fingerprint: tuned.fingerprint } : null,
    intervention: variant.intervention ?? null,
    settings: { ...settings, maxLength, prefixToken, vocabRows, threads, packed },
    provenance: { method, merged: merged ?? null, requests, rows, tokens, reused, seconds },
    tasks: results.filter((each) => "metrics" in each),
    perplexity: results.filter((each) => "bits_per_byte" in each),
    alerts: [...alerts],
  };
}
