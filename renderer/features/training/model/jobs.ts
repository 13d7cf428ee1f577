/** Fine-tunes and sweeps among the jobs: a started one names its run or its sweep. */
import type { Job } from "../../../../src/contract/domain/job.ts";

export function runOf({ question }: Job): string | undefined {
  return question.kind === "training" && "run" in question.spec ? question.spec.run : undefined;
}

export function sweepOf({ question }: Job): string | undefined {
  return question.kind === "sweep" && "id" in question.spec ? question.spec.id : undefined;
}
