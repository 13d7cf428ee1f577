/** What an audit works with. Scores, weights and the store are asked through these doors only. */
import type { ScoringPlan } from "../../contract/api.ts";
import type { AuditSpec } from "../../contract/domain/audit.ts";
import type { ArmOutcome } from "../../contract/domain/edit.ts";
import type { EvaluationSettings, TaskSpec } from "../../contract/domain/evaluation.ts";
import type { Task } from "../evaluation/tasks/task.ts";
import type { MeasuredRun } from "./confounds.ts";
import type { Scoring, Step } from "./scoring.ts";
import type { StageWeights } from "./stages.ts";
import type { AuditVariant } from "./variants.ts";

export interface AuditServices {
  scoring: Scoring;
  weights: Weights;
  readTask(spec: TaskSpec, settings: EvaluationSettings): Promise<Task>;
  /** Of the scoring process, where the question names none. */
  threads: number;
}

/** Work of variants before it starts. */
export type Work = Pick<ScoringPlan, "items" | "stored" | "tokens" | "peakMemoryBytes" | "estimatedSeconds">;

/** What an audit wants to know of the weights. */
export interface Weights {
  /** @throws when the base cannot be opened */
  base(path: string): Promise<{ path: string; fingerprint: string }>;
  /** Analyses that the question needs, at its k and ε, kept in the store; what is there is not measured again. */
  measure(spec: AuditSpec, signal: AbortSignal | undefined): AsyncIterable<Step>;
  /** Sizes of an edit; undefined for models as trained. */
  outcome(variant: AuditVariant, signal: AbortSignal | undefined): Promise<ArmOutcome | undefined>;
  /** Runs of this base that have an analysis and answers, whoever asked for them. */
  measuredRuns(spec: AuditSpec, forgettingOf: (path: string) => Promise<number | undefined>): Promise<MeasuredRun[]>;
  /** What the store knows of a chain, stage by stage. */
  stages(spec: AuditSpec): Promise<StageWeights[]>;
}
