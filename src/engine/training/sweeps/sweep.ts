/** A sweep that was opened: where it is, what it asks, and its runs. */
import type { SweepSpec } from "../../../contract/domain/training.ts";
import type { Turn } from "../../jobs/semaphore.ts";
import type { Cell } from "./expand.ts";

export interface Sweep {
  id: string;
  folder: string;
  spec: SweepSpec;
  cells: readonly Cell[];
  /** Milliseconds since 1970, of this start. */
  startedAt: number;
  /** Its place among those that wait for a device. */
  turn?: Turn | undefined;
}
