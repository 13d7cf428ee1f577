/** One start of a run: its turn on a device, the trainer to its end, smaller batches where memory runs out. */
import { devicesIn, type RunConfig, type TrainerEvent } from "../../../contract/domain/training.ts";
import { DeltaScopeError } from "../../../contract/errors.ts";
import type { Progress } from "../../../contract/progress.ts";
import type { Turn } from "../../jobs/semaphore.ts";
import { startTrainer, type TrainerExit, type TrainerProcess } from "../process.ts";
import { requireRoom } from "./disk.ts";
import type { LiveRun } from "./live-run.ts";
import { noteTrainer, waitForOldTrainer } from "./old-trainer.ts";
import { createRunProgress } from "./run-progress.ts";
import type { TrainingServices } from "./services.ts";
import { type GrowthWatch, watchGrowth } from "./watch-growth.ts";

/** How often a run that does not fit into memory is started again with half the device batch. */
const mostHalvings = 3;

export interface Execution {
  live: LiveRun;
  /** Where the configuration leaves it open. */
  device?: string | undefined;
  /** Its place among those that wait for the device. */
  turn?: Turn | undefined;
  /** The run was started before. */
  resume: boolean;
  /** Hears of the process, so that it can be asked to stop in its own way. */
  began(process: TrainerProcess): void;
}

/**
 * Progress as it comes; ends when the run has finished and its last checkpoint is measured.
 * @throws DeltaScopeError `trainer.*`, `job.cancelled` when it was stopped
 */
export async function* executeRun(
  execution: Execution,
  services: TrainingServices,
  signal: AbortSignal,
): AsyncGenerator<Progress, void> {
  const { live } = execution;
  const growth = watchGrowth(live, services, signal);
  for (const checkpoint of unmeasured(live)) growth.add(checkpoint);
  const device = await deviceFor(execution, services);
  const { name } = live.record().run;
  live.waitsFor(devicesIn(device));
  const giveBack = await services.locks.take(devicesIn(device), { signal, name, turn: execution.turn });
  live.waitsFor([]);
  try {
    yield* attempts({ ...execution, device }, growth, services, signal);
  } finally {
    giveBack();
  }
  const { outputs, step } = live.record().run;
  const [output] = outputs;
  if (output && live.record().growth.at(-1)?.step !== step) growth.add({ step, path: output.path });
  await growth.done();
}

/** Checkpoints of earlier starts that were sealed but not measured before the run stopped. */
function unmeasured(live: LiveRun): { step: number; path: string }[] {
  const measured = new Set(live.record().growth.map(({ step }) => step));
  return live.history.checkpoints().filter(({ step }) => !measured.has(step));
}

async function deviceFor({ live, device }: Execution, services: TrainingServices): Promise<string> {
  const asked = live.record().run.config.device;
  if (asked !== "auto") return asked;
  if (device !== undefined) return device;
  const [first = "cpu", ...others] = await services.devices();
  // The processor trains only where nothing else does: waiting for a graphics card is faster.
  const free = [first, ...others].find((one) => (one !== "cpu" || first === "cpu") && !services.locks.inUse(one));
  return free ?? first;
}

async function* attempts(
  execution: Execution & { device: string },
  growth: GrowthWatch,
  services: TrainingServices,
  signal: AbortSignal,
): AsyncGenerator<Progress, void> {
  const { live, device } = execution;
  const { folder, config: asked } = live.record().run;
  await waitForOldTrainer(folder, signal);
  if (!execution.resume) await requireRoom(asked, folder);
  const python = await services.python();
  let config: RunConfig = { ...asked, device };
  for (let halvings = 0; ; halvings += 1) {
    live.change({ state: "running", startedAt: live.record().run.startedAt ?? new Date().toISOString() });
    const resume = execution.resume || halvings > 0; // parts of a batch are no part of a run's identity
    const process = await startTrainer({ python, config, runFolder: folder, resume }, signal);
    execution.began(process);
    await noteTrainer(folder, process.pid);
    const batch = yield* follow(process, live, growth);
    const exit = await process.exit;
    if (exit.state === "finished") {
      await notePeak(batch === undefined ? config : withDeviceBatch(config, batch), live, services);
      return finish(live, services);
    }
    const smaller = halvings < mostHalvings ? halved(config, batch, exit) : undefined;
    if (!smaller) throw failureOf(exit);
    live.warn("oom.retry", `Memory ran out; going on with ${smaller.batch.device} sequences at a time.`);
    live.change({ config: { ...live.record().run.config, batch: smaller.batch } });
    config = smaller;
  }
}

/** Reads to the end; answers the device batch that the trainer chose, where it said so. */
async function* follow(
  process: TrainerProcess,
  live: LiveRun,
  growth: GrowthWatch,
): AsyncGenerator<Progress, number | undefined> {
  const started = performance.now();
  const progress = createRunProgress(() => (performance.now() - started) / 1000);
  let batch: number | undefined;
  yield progress.begun();
  for await (const event of process.events) {
    live.take(event);
    if (event.type === "hello") await noteTrainer(live.record().run.folder, process.pid, event.pid);
    if (event.type === "plan") batch = deviceBatchOf(event);
    if (event.type === "checkpoint") {
      growth.add({ step: event.step, path: live.record().run.checkpoint ?? event.path });
    }
    const now = progress.of(event);
    if (now) yield now;
  }
  return batch;
}

function deviceBatchOf({ config }: Extract<TrainerEvent, { type: "plan" }>): number | undefined {
  const batch = (config as { batch?: { device?: unknown } } | null | undefined)?.batch?.device;
  return typeof batch === "number" ? batch : undefined;
}

/** Estimates are no part of a run: what cannot be remembered does not end it. */
async function notePeak(config: RunConfig, { history }: LiveRun, services: TrainingServices): Promise<void> {
  const bytes = history.peakMemory();
  // Of several processes only the first one's memory is told.
  if (bytes !== null && devicesIn(config.device).length === 1)
    await services.keepPeak(config, bytes).catch(() => undefined);
}

function withDeviceBatch(config: RunConfig, device: number): RunConfig {
  return { ...config, batch: { ...config.batch, device } };
}

async function finish(live: LiveRun, services: TrainingServices): Promise<void> {
  const { outputs, name, config, sweep } = live.record().run;
  if (sweep !== null) return; // a sweep keeps what its policy says
  for (const [index, { kind, path }] of outputs.entries()) {
    const output = { path, label: index === 0 ? name : `${name} ${kind}`, base: config.base.path };
    await services.keep(output).catch((thrown: unknown) => live.warn("library.not-added", String(thrown)));
  }
}

/** The configuration with half the device batch after memory ran out: the same run, in smaller parts. */
function halved(config: RunConfig, planned: number | undefined, exit: TrainerExit): RunConfig | undefined {
  if (exit.error?.code !== "trainer.out-of-memory") return undefined;
  const batch = typeof config.batch.device === "number" ? config.batch.device : planned;
  if (batch === undefined || batch < 2) return undefined;
  const { effective } = config.batch;
  const share = effective / devicesIn(config.device).length;
  const fitting = Array.from({ length: Math.floor(batch / 2) }, (_, index) => index + 1);
  const device = fitting.findLast((size) => share % size === 0) ?? 1;
  return { ...config, batch: { effective, device } };
}

function failureOf({ state, error }: TrainerExit): DeltaScopeError {
  if (error) return error;
  if (state === "cancelled") return new DeltaScopeError("job.cancelled", "The run was stopped.");
  return new DeltaScopeError("internal", "The trainer ended without a reason.");
}
