import type { CliContext } from "../../src/cli/context.ts";
import { type DoctorLine, type StoredRun } from "../../src/contract/api.ts";
import type { AnalysisDocument, AnalysisSpec } from "../../src/contract/domain/analysis.ts";
import type { Inspection } from "../../src/contract/domain/checkpoint.ts";
import { DeltaScopeError } from "../../src/contract/errors.ts";
export interface FakeAnswers {
  document?: AnalysisDocument;
  runs?: StoredRun[];
  doctor?: DoctorLine[];
  inspections?: Record<string, Inspection>;
  /** Thrown by `analysis.run` before any event. */
  failure?: DeltaScopeError;
  /** The run stays here until it is cancelled. */
  waitForCancel?: boolean;
  /** Called with what was asked. */
  asked?: (spec: AnalysisSpec) => void;
  exported?: (file: string, format: string) => void;
}
/** The `openEngine` of a command line context. */
export declare function fakeEngine(answers?: FakeAnswers): CliContext["openEngine"];
