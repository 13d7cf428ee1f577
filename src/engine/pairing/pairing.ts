/** The result of pairing a tuned source with its base. */
import type { Alert } from "../../contract/alerts.ts";
import type { AdapterSummary } from "../../contract/domain/adapter.ts";
import type { MatrixPair, PairingReport, VectorPair } from "../../contract/domain/pair.ts";
import type { Evidence } from "../adapter/family.ts";

export interface Pairing {
  kind: "adapter" | "full";
  adapter: AdapterSummary | undefined;
  matrices: MatrixPair[];
  vectors: VectorPair[];
  report: PairingReport;
  alerts: Alert[];
  /** What only the weights can tell about whether the adapter belongs to the base. */
  evidence: Evidence[];
  /** Rounding grid of the tuned file, for the audit of full checkpoints. */
  roundingGrid: "bf16" | "f16" | undefined;
}
