/** What fine-tunes work with. */
import type { RecipeQuestion, RecipeResolution, RunConfig, TrainingRun } from "../../../contract/domain/training.ts";
import type { Backend } from "../../linalg/backend.ts";
import type { Store } from "../../store/types.ts";
import type { ResolveOptions } from "../recipes/resolve.ts";
import type { DeviceLocks } from "./device-lock.ts";

export interface TrainingServices {
  store: Pick<Store, "putTraining" | "trainings">;
  /** Holds the run folders that nobody named a place for. */
  folder: string;
  resolve(question: RecipeQuestion, options?: ResolveOptions): Promise<RecipeResolution>;
  /** The interpreter that trains. @throws DeltaScopeError `python.*` */
  python(): Promise<string>;
  /** Ids as a configuration names them, the one to prefer first. */
  devices(): Promise<string[]>;
  locks: DeviceLocks;
  /** Whether a trainer that starts now is to go on when this program ends, as the user chose. */
  unattended(): Promise<boolean>;
  backend(): Backend;
  /** Waits for a turn among the analyses, which are one at a time. */
  turn<T>(work: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T>;
  publish(run: TrainingRun): void;
  /** Remembers what a run took at its peak, for the estimates of those like it. `config` names batch and device. */
  keepPeak(config: RunConfig, bytes: number): Promise<void>;
  /** Takes what a finished run left into the library, under its name and beside its base. */
  keep(output: { path: string; label: string; base: string }): Promise<void>;
}
