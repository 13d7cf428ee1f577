/** A run under way: what is known of it is told to windows and written down often enough, and at every turn. */
import type { GrowthPoint, TrainerEvent, TrainingRun } from "../../../contract/domain/training.ts";
import { createThrottle } from "../../jobs/throttle.ts";
import type { TrainingRecord } from "../../store/trainings.ts";
import { readerWarning } from "../protocol.ts";
import { type ReadRun, readRun } from "./events-file.ts";
import type { RunHistory } from "./history.ts";
import type { TrainingServices } from "./services.ts";

/** Windows draw a run's curves anew when they hear of it. */
const tellMs = 300;
/** What a crash may lose of the stored state; the events file has it all. */
const storeMs = 3000;

export interface LiveRun {
  record(): TrainingRecord;
  history: RunHistory;
  /** What its folder held when it was opened. */
  known: Pick<ReadRun, "bytes" | "last" | "layout">;
  /** Takes one line of the trainer in. */
  take(event: TrainerEvent): void;
  change(changes: Partial<TrainingRun>): void;
  grow(point: GrowthPoint): void;
  /** A warning of this side. */
  warn(code: string, message: string): void;
  /** Devices that it is waiting for now; none before and after. */
  waitsFor(devices: readonly string[]): void;
  waiting(): readonly string[];
  /** Tells and stores what is not told yet. @throws DeltaScopeError what the store throws */
  settle(): Promise<void>;
}

/** With what the run's folder holds from earlier starts. */
export async function openLiveRun(
  before: TrainingRecord,
  services: Pick<TrainingServices, "store" | "publish">,
): Promise<LiveRun> {
  const { history, changes: missed, ...known } = await readRun(before.run.folder);
  // The store may lack the last seconds before a crash, and all that a run did while nobody watched.
  let record: TrainingRecord = { ...before, run: { ...before.run, ...missed } };
  let failure: unknown;
  let waiting: readonly string[] = [];
  const store = async (): Promise<void> => {
    failure = undefined;
    await services.store.putTraining(record).catch((thrown: unknown) => {
      failure = thrown; // said when the run settles: a step that could not be stored must not end the run
    });
  };
  const tell = createThrottle(tellMs, () => services.publish(record.run));
  const keep = createThrottle(storeMs, () => void store());
  const change = (changes: Partial<TrainingRun>): void => {
    const turns = changes.state !== undefined && changes.state !== record.run.state;
    record = { ...record, run: { ...record.run, ...changes } };
    (turns ? tell.now : tell.soon)();
    (turns ? keep.now : keep.soon)();
  };
  return {
    record: () => record,
    history,
    known,
    change,
    take(event) {
      const changes = history.take(event);
      if (Object.keys(changes).length > 0) change(changes);
    },
    grow(point) {
      const others = record.growth.filter(({ step }) => step !== point.step);
      record = { ...record, growth: [...others, point].toSorted((one, other) => one.step - other.step) };
      change({});
    },
    warn(code, message) {
      history.take(readerWarning(code, message, { seq: 0, t: Date.now() / 1000 }));
      change({});
    },
    waitsFor(devices) {
      waiting = devices;
    },
    waiting: () => waiting,
    async settle() {
      tell.now();
      keep.stop(); // a record that is stored later than the next start's would take its place
      await store();
      if (failure !== undefined) throw failure;
    },
  };
}
