/** The scoring of an audit as the engine does it. */
import { type EvaluationQuestion, evaluateVariant, storedVariant } from "../evaluation/evaluate.ts";
import { planVariant } from "../evaluation/plan.ts";
import type { EvaluationServices } from "../evaluation/services.ts";
import type { Scoring, ScoringQuestion } from "./scoring.ts";

export function engineScoring(services: EvaluationServices): Scoring {
  return {
    score: (question, signal) => evaluateVariant(asked(question), services, signal),
    stored: (question) => storedVariant(asked(question), services),
    work: (question) => planVariant(asked(question), services),
  };
}

function asked({ variant, tasks, settings, threads }: ScoringQuestion): EvaluationQuestion {
  return { variant: variant.spec, label: variant.label, tasks, settings, threads };
}
