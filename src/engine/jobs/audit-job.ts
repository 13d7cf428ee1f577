/** Audits as jobs: every window hears when answers were stored, often enough to watch the tables fill. */
import { basename } from "node:path";
import type { AuditEvent } from "../../contract/api.ts";
import type { AuditSpec } from "../../contract/domain/audit.ts";
import type { EngineEvent, Job } from "../../contract/domain/job.ts";
import type { Progress } from "../../contract/progress.ts";
import { type JobStep, type JobWork, keptInWords, runsInWords } from "./job-work.ts";
import { createThrottle } from "./throttle.ts";

/** Windows compute their tables anew when they hear of scores, so they hear of them at most this often. */
const gapMs = 500;

export interface AuditJobServices {
  work(spec: AuditSpec, signal: AbortSignal): AsyncIterable<AuditEvent>;
  publish(event: EngineEvent): void;
}

export function createAuditJobs(services: AuditJobServices): (spec: AuditSpec) => JobWork {
  const tellScores = createThrottle(gapMs, () => services.publish({ type: "scores-changed" }));
  return (spec) => {
    const failures: Job["failures"] = [];
    let scored: Progress | undefined;
    const pass = (event: AuditEvent): void => {
      if (event.type === "progress" && event.progress.phase === "score") scored = event.progress;
      if (event.type === "scored" && !event.stored) tellScores.soon();
    };
    return {
      title: auditTitle(spec),
      place: "scoring",
      async *steps(signal) {
        for await (const event of services.work(spec, signal)) {
          pass(event);
          const step = stepOf(event, failures);
          if (step) yield step;
        }
      },
      kept: () => keptInWords(scored?.done ?? 0, scored?.total ?? 0, "answer"),
      ended: tellScores.now,
    };
  };
}

/** "Forgetting of lora-r4 against base". */
export function auditTitle({ base, tuned }: AuditSpec): string {
  return `Forgetting of ${runsInWords(tuned.map(({ label }) => label))} against ${basename(base)}`;
}

function stepOf(event: AuditEvent, failures: Job["failures"]): JobStep | undefined {
  if (event.type === "progress") return { changes: { progress: event.progress }, now: false };
  if (event.type !== "run-failed") return undefined;
  failures.push({ label: event.label, path: event.path, error: event.error });
  return { changes: { failures: [...failures] }, now: false };
}
