/** The sentences that the program derives from an audit, in the order of the questions a reader has. */
import type { AuditRow, AuditSpec, StageRow, SweepPoint } from "../../../contract/domain/audit.ts";
import type { Finding } from "../../../contract/domain/finding.ts";
import type { MeasuredRun } from "../confounds.ts";
import type { IntervalOf } from "../intervals.ts";
import type { ComparedVariant } from "../sweep.ts";
import { chainFinding } from "./chain.ts";
import { confounding } from "./confounding.ts";
import { forgettingFindings } from "./forgetting.ts";
import { interventionFindings } from "./intervention.ts";

export interface AuditEvidence {
  spec: AuditSpec;
  rows: readonly AuditRow[];
  sweep: readonly SweepPoint[];
  compared: readonly ComparedVariant[];
  runs: readonly MeasuredRun[];
  stages: readonly StageRow[];
}

export async function deriveAuditFindings(evidence: AuditEvidence, intervalOf: IntervalOf): Promise<Finding[]> {
  return [
    ...forgettingFindings(evidence),
    ...(await interventionFindings(evidence, intervalOf)),
    ...chainFinding(evidence.stages),
    ...confounding(evidence.runs),
  ];
}
