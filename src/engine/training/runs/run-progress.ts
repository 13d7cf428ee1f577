/** How far a run is, from the trainer's lines: stages of its preparation, then steps. */
import { phaseWords, type TrainerEvent } from "../../../contract/domain/training.ts";
import { formatLoss } from "../../../contract/format.ts";
import type { Progress } from "../../../contract/progress.ts";

/** What a trainer does before its first step, as its heartbeats name it, in this order. */
const stages: readonly string[] = ["import", "tokenize", "load"];

export interface RunProgress {
  /** Before the trainer's first line. */
  begun(): Progress;
  /** undefined where the line changes nothing. */
  of(event: TrainerEvent): Progress | undefined;
}

/** @param seconds since the start */
export function createRunProgress(seconds: () => number): RunProgress {
  let trained: Progress | undefined;
  const prepared = (done: number): Progress => {
    const stage = stages[done];
    const item = stage === undefined ? "starting the first step" : phaseWords(stage);
    return { phase: "open", done, total: stages.length, unit: "stages", item, elapsedSeconds: seconds() };
  };
  const during = (phase: string): Progress | undefined => {
    const stage = stages.indexOf(phase);
    if (stage >= 0) return prepared(stage);
    // Saving and scoring between two steps: the steps stay where they are.
    if (phase !== "train" && trained) return { ...trained, item: phaseWords(phase), elapsedSeconds: seconds() };
    return undefined;
  };
  return {
    begun: () => prepared(0),
    of(event) {
      if (event.type === "env") return prepared(1);
      if (event.type === "plan") return prepared(stages.length);
      if (event.type === "heartbeat") return during(event.phase);
      if (event.type === "progress") trained = trainedOf(event, seconds());
      return event.type === "progress" ? trained : undefined;
    },
  };
}

function trainedOf(event: Extract<TrainerEvent, { type: "progress" }>, elapsedSeconds: number): Progress {
  const { step, steps, loss, eta_s } = event;
  const item = loss === null ? undefined : `loss ${formatLoss(loss)}`;
  const rest = { ...(item && { item }), ...(eta_s !== null && { remainingSeconds: eta_s }) };
  return { phase: "train", done: step, total: steps, unit: "steps", elapsedSeconds, ...rest };
}
