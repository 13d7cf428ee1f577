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

/** What is worth keeping between questions; everything in it is found again where it is lost. */
export interface EvaluationMemory {
  models: Models;
  references: References;
  /** Variants of one audit share a process; `drop` ends it. */
  scorers: Scorers;
  plans: Plans;
}

export interface EvaluationServices extends EvaluationMemory {
  store: Store;
  materialise: Materialise;
}

/** `begin` opens a scoring process; tests answer in its place. */
export function createEvaluationMemory(begin: typeof openScorer = openScorer): EvaluationMemory {
  const models = createModels();
  return { models, references: createReferences(models), scorers: createScorers(begin), plans: new Map() };
}
