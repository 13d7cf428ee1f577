/** Every kind of job with the part of the engine that does its work. */
import type { AnalysisSpec } from "../../contract/domain/analysis.ts";
import type { JobQuestion } from "../../contract/domain/job.ts";
import { isDatasetAddress } from "../../contract/hub-id.ts";
import { runAnalysis } from "../analysis/run.ts";
import { runEdit } from "../edit/run.ts";
import { createAnalysisJobs } from "../jobs/analysis-job.ts";
import { createAuditJobs } from "../jobs/audit-job.ts";
import { createDownloadJobs } from "../jobs/download-job.ts";
import { createEditJobs } from "../jobs/edit-job.ts";
import type { JobWork } from "../jobs/job-work.ts";
import type { Library } from "../library/library.ts";
import type { Store } from "../store/types.ts";
import { moduleRowOf } from "../views/module-row.ts";
import { auditEvents } from "./audit.ts";
import { bringOne } from "./hub.ts";
import { scoringParts } from "./scoring.ts";
import type { Services } from "./services.ts";
import { readSettings } from "./settings.ts";
import { jobsOfTrainings, type TrainingParts } from "./training-parts.ts";

export function jobWorks(
  context: Services,
  { store, library, training }: { store: Store; library: Library; training: TrainingParts },
): (question: JobQuestion) => JobWork {
  const { publish } = context.hub;
  const analysis = createAnalysisJobs({
    publish,
    rowOf: moduleRowOf,
    async *work(spec, signal) {
      yield* runAnalysis(await withLimits(spec, store), { backend: context.backend(), store }, signal);
    },
  });
  const audit = createAuditJobs({ publish, work: (spec, signal) => auditEvents(spec, context, signal) });
  const edit = createEditJobs({
    async *work(spec, signal) {
      yield* runEdit(spec, (await scoringParts(context)).edits, signal);
    },
    async keep({ outcome }) {
      await library.add([outcome.folder]);
    },
  });
  const download = createDownloadJobs({
    work: (spec, signal) => bringOne(spec, context, signal),
    async keep(sources) {
      // Data sets are no models.
      const models = sources.map(({ location }) => location).filter((location) => !isDatasetAddress(location));
      if (models.length > 0) await library.add(models);
    },
  });
  const { openTraining, openSweep } = jobsOfTrainings(training, store);
  return (question) => {
    switch (question.kind) {
      case "analysis":
        return analysis(question.spec);
      case "audit":
        return audit(question.spec);
      case "edit":
        return edit(question.spec);
      case "training":
        return openTraining(question.spec);
      case "sweep":
        return openSweep(question.spec);
      case "download":
        return download(question.spec);
    }
  };
}

/** What the question leaves open is as the user set it. */
async function withLimits(spec: AnalysisSpec, store: Store): Promise<AnalysisSpec> {
  const { threads, memoryBytes } = await readSettings(store);
  return {
    ...spec,
    threads: spec.threads ?? threads ?? undefined,
    memoryBytes: spec.memoryBytes ?? memoryBytes ?? undefined,
  };
}
