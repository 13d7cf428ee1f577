/** Every procedure and event stream of the engine; `api/` has one file per section. */
import { eventIterator } from "@orpc/contract";
import { z } from "zod";
import { analysisProcedures } from "./api/analysis.ts";
import { auditProcedures } from "./api/audit.ts";
import { doctorLine } from "./api/doctor.ts";
import { editsProcedures } from "./api/edits.ts";
import { evaluationProcedures } from "./api/evaluation.ts";
import { hubProcedures } from "./api/hub.ts";
import { inspectorProcedures } from "./api/inspector.ts";
import { jobsProcedures } from "./api/jobs.ts";
import { libraryProcedures } from "./api/library.ts";
import { procedure } from "./api/procedure.ts";
import { reportProcedures } from "./api/report.ts";
import { runsProcedures } from "./api/runs.ts";
import { theoryProcedures } from "./api/theory.ts";
import { trainingProcedures } from "./api/training.ts";
import { demoCopy, workspaceProcedures } from "./api/workspace.ts";
import { inspection } from "./domain/checkpoint.ts";
import { engineEvent } from "./domain/job.ts";

export type { AnalysisEvent, AnalysisPlan, CollectEvent, ShardEvent } from "./api/analysis.ts";
export type { AuditEvent, ItemDetail } from "./api/audit.ts";
export { type DoctorLine, doctorLine } from "./api/doctor.ts";
export type { EditEvent } from "./api/edits.ts";
export { type EvaluationEvent, type KnownTask, knownTask } from "./api/evaluation.ts";
export { type ExportFormat, exportFormat } from "./api/procedure.ts";
export { type StoredRun, storedRun } from "./api/runs.ts";
export type { ScoringPlan } from "./api/scoring.ts";
export type { TheoryDocument } from "./api/theory.ts";
export type { DemoCopy } from "./api/workspace.ts";

const single = {
  /** An id that is not in the local cache is looked at on the Hub: headers only, nothing is kept. */
  inspect: procedure.input(z.object({ path: z.string() })).output(inspection),
  /** Everything that changes, for as long as the caller listens. */
  events: procedure.output(eventIterator(engineEvent)),
  /** Copies the bundled demo to `folder`, by default into the workspace; files that stand there already are kept. */
  demo: procedure.input(z.object({ folder: z.string().optional() })).output(demoCopy),
  doctor: procedure.output(z.array(doctorLine)),
};

/** Named here: the compiler does not write out a type of this length by itself. */
type Sections = {
  analysis: typeof analysisProcedures;
  runs: typeof runsProcedures;
  inspector: typeof inspectorProcedures;
  report: typeof reportProcedures;
  evaluation: typeof evaluationProcedures;
  audit: typeof auditProcedures;
  edits: typeof editsProcedures;
  theory: typeof theoryProcedures;
  training: typeof trainingProcedures;
  library: typeof libraryProcedures;
  hub: typeof hubProcedures;
  jobs: typeof jobsProcedures;
  workspace: typeof workspaceProcedures;
};

export type Contract = typeof single & Sections;

export const contract: Contract = {
  ...single,
  analysis: analysisProcedures,
  runs: runsProcedures,
  inspector: inspectorProcedures,
  report: reportProcedures,
  evaluation: evaluationProcedures,
  audit: auditProcedures,
  edits: editsProcedures,
  theory: theoryProcedures,
  training: trainingProcedures,
  library: libraryProcedures,
  hub: hubProcedures,
  jobs: jobsProcedures,
  workspace: workspaceProcedures,
};
