/** What an evaluation works with. */
import type { Alert } from "../../contract/alerts.ts";
import type { VariantSpec } from "../../contract/domain/evaluation.ts";
import type { Store } from "../store/types.ts";
import { createModels, type Models } from "./models.ts";
import type { Size } from "./plan.ts";
import { createReferences, type References } from "./reference.ts";
import { openScorer } from "./scorer.ts";
import { createScorers, type Scorers } from "./scorers.ts";

/** A variant as files that can be run. */
export interface RunnableVariant {
  /** Checkpoint folder whose graph is run. */
  model: string;
  /** Safetensors file of low-rank factors, `<module>.A` and `<module>.B`. */
  factors: string | undefined;
  /** Why it had to be merged into a checkpoint of its own first. */
  merged: string | undefined;
  /** Same = same numbers. */
  fingerprint: string;
  alerts: Alert[];
}

export type Materialise = (variant: VariantSpec, signal?: AbortSignal) => Promise<RunnableVariant>;

/** Sizes of questions that were planned. */
export type Plans = Map<string, Promise<Size>>;

export interface EvaluationServices {
  store: Store;
  plans: Plans;
  models: Models;
  references: References;
  scorers: Scorers;
  materialise: Materialise;
}

/** `close` ends the scoring process; variants of one audit share it until then. */
export function openEvaluation(
  parts: { store: Store; materialise: Materialise },
  begin: typeof openScorer = openScorer,
): EvaluationServices & { close(): Promise<void> } {
  const models = createModels();
  const scorers = createScorers(begin);
  return { ...parts, plans: new Map(), models, references: createReferences(models), scorers, close: scorers.drop };
}
