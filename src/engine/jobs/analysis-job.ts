/** Analyses as jobs: measured modules are counted, and their rows told to every window in small heaps. */
import { basename } from "node:path";
import type { AnalysisEvent } from "../../contract/api.ts";
import type { AnalysisSpec, ModuleMeasures } from "../../contract/domain/analysis.ts";
import type { ModuleRow } from "../../contract/domain/cells.ts";
import type { EngineEvent, Job } from "../../contract/domain/job.ts";
import { type JobStep, type JobWork, keptInWords, runsInWords } from "./job-work.ts";
import { createThrottle } from "./throttle.ts";

/** Heaps of rows reach listeners at most this often. */
const gapMs = 100;

export interface AnalysisJobServices {
  work(spec: AnalysisSpec, signal: AbortSignal): AsyncIterable<AnalysisEvent>;
  rowOf(analysis: string, module: ModuleMeasures): ModuleRow;
  publish(event: EngineEvent): void;
}

export function createAnalysisJobs(services: AnalysisJobServices): (spec: AnalysisSpec) => JobWork {
  const rows = createRowGatherer(services.publish);
  const tellRuns = (): void => services.publish({ type: "runs-changed" });
  const pass = (event: AnalysisEvent): void => {
    if (event.type === "plan") tellRuns(); // by now the store knows the job's questions
    if (event.type === "module" && !event.stored) rows.add(services.rowOf(event.analysis, event.module));
    if (event.type === "finished") rows.flush(); // before the job says that it has finished
  };
  return (spec) => {
    const counted = { kept: 0, total: 0 };
    const failures: Job["failures"] = [];
    return {
      title: analysisTitle(spec),
      place: "analysis",
      async *steps(signal) {
        for await (const event of services.work(spec, signal)) {
          count(event, counted);
          const step = stepOf(event, failures);
          if (step) yield step;
          pass(event);
        }
      },
      kept: () => keptInWords(counted.kept, counted.total, "module"),
      ended() {
        rows.flush();
        tellRuns();
      },
    };
  };
}

/** "fft and lora-r4 against base". */
export function analysisTitle({ base, tuned }: AnalysisSpec): string {
  const runs = runsInWords(tuned.map(({ label }) => label));
  return base === undefined ? runs : `${runs} against ${basename(base)}`;
}

function count(event: AnalysisEvent, counted: { kept: number; total: number }): void {
  if (event.type === "plan") counted.total = event.plan.modules;
  if (event.type === "module" && event.module.status === "measured") counted.kept += 1;
}

function stepOf(event: AnalysisEvent, failures: Job["failures"]): JobStep | undefined {
  if (event.type === "started") {
    return { changes: { analyses: [...new Set(event.analyses.map(({ analysis }) => analysis))] }, now: true };
  }
  if (event.type === "progress") return { changes: { progress: event.progress }, now: false };
  if (event.type !== "run-failed") return undefined;
  failures.push({ label: event.label, path: event.path, error: event.error });
  return { changes: { failures: [...failures] }, now: false };
}

/** Rows of modules that were just measured, told together. */
function createRowGatherer(publish: (event: EngineEvent) => void): { add(row: ModuleRow): void; flush(): void } {
  let waiting: ModuleRow[] = [];
  const throttle = createThrottle(gapMs, () => {
    if (waiting.length > 0) publish({ type: "modules", rows: waiting });
    waiting = [];
  });
  return {
    add(row) {
      waiting.push(row);
      throttle.soon();
    },
    flush: throttle.now,
  };
}
