/** One start of a run: its turn on a device, the trainer to its end, smaller batches where memory runs out. */
import { devicesIn, type RunConfig } from "../../../contract/domain/training.ts";
import { DeltaScopeError, thrownMessage } from "../../../contract/errors.ts";
import type { Progress } from "../../../contract/progress.ts";
import type { Turn } from "../../jobs/semaphore.ts";
import { followTrainer } from "../follow-trainer.ts";
import { divisorsOf } from "../memory.ts";
import { startTrainer } from "../process.ts";
import type { UnattendedNote } from "../trainer-note.ts";
import type { TrainerExit, TrainerProcess } from "../trainer-process.ts";
import { startUnattended } from "../unattended.ts";
import type { Taken } from "./device-lock.ts";
import { requireRoom } from "./disk.ts";
import { type Layout, layoutOf } from "./events-file.ts";
import { leftTrainer } from "./left-run.ts";
import type { LiveRun } from "./live-run.ts";
import { waitForOldTrainer } from "./old-trainer.ts";
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
  const growth = watchGrowth(live, unmeasured(live), services, signal);
  const left = await leftTrainer(live.record().run, live.known.last);
  const rest = left ? yield* goOnWith(left.note, execution, growth, services, signal) : live.record().run.config;
  if (rest)
    yield* trainOnItsTurn(
      { ...execution, resume: execution.resume || left !== undefined },
      rest,
      growth,
      services,
      signal,
    );
  const { outputs, step } = live.record().run;
  const [output] = outputs;
  if (output && live.record().growth.at(-1)?.step !== step) growth.add({ step, path: output.path });
  await growth.done();
}

/** Follows a trainer that went on without this program; answers the configuration to go on with, where there is one. */
async function* goOnWith(
  note: UnattendedNote,
  { live, began }: Execution,
  growth: GrowthWatch,
  services: TrainingServices,
  signal: AbortSignal,
): AsyncGenerator<Progress, RunConfig | undefined> {
  const { folder, name, config } = live.record().run;
  const { device } = note.unattended;
  const release = services.locks.note(devicesIn(device), name);
  try {
    live.change({ state: "running", error: null, finishedAt: null });
    const process = followTrainer({ runFolder: folder, note, known: live.known }, signal);
    began(process);
    const layout = { ...live.known.layout, ...(yield* follow(process, live, growth)) };
    return await whatNext(await process.exit, { config: { ...config, device }, layout, halvings: 0, live }, services);
  } finally {
    release();
  }
}

async function* trainOnItsTurn(
  execution: Execution,
  config: RunConfig,
  growth: GrowthWatch,
  services: TrainingServices,
  signal: AbortSignal,
): AsyncGenerator<Progress, void> {
  const device = await deviceFor(execution, services);
  const { live } = execution;
  const { name } = live.record().run;
  live.waitsFor(devicesIn(device));
  const taken = await services.locks.take(devicesIn(device), { signal, name, turn: execution.turn });
  live.waitsFor([]);
  try {
    yield* attempts({ ...execution, taken }, { ...config, device }, growth, services, signal);
  } finally {
    taken.giveBack();
  }
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
  execution: Execution & { taken: Taken },
  asked: RunConfig,
  growth: GrowthWatch,
  services: TrainingServices,
  signal: AbortSignal,
): AsyncGenerator<Progress, void> {
  const { live, taken } = execution;
  const { folder } = live.record().run;
  await waitForOldTrainer(folder, signal);
  if (!execution.resume) await requireRoom(asked, folder);
  const python = await services.python();
  const unattended = await services.unattended();
  const start = unattended ? startUnattended : startTrainer;
  let config: RunConfig | undefined = asked;
  for (let halvings = 0; config; halvings += 1) {
    const startedAt = live.record().run.startedAt ?? new Date().toISOString();
    live.change({ state: "running", startedAt, unattended });
    const resume = execution.resume || halvings > 0; // parts of a batch are no part of a run's identity
    const trainer: TrainerProcess = await start({ python, config, runFolder: folder, resume }, signal);
    execution.began(trainer);
    if (unattended && trainer.pid !== undefined) taken.handTo(trainer.pid);
    yield createRunProgress(() => 0).begun();
    const layout = yield* follow(trainer, live, growth);
    const exit = await trainer.exit;
    if (exit.state === "left") taken.keep();
    else if (unattended) taken.handTo(process.pid);
    config = await whatNext(exit, { config, layout, halvings, live }, services);
  }
}

/** The configuration for another start where memory ran out; undefined where the run has finished. */
async function whatNext(
  exit: TrainerExit,
  { config, layout, halvings, live }: { config: RunConfig; layout: Layout; halvings: number; live: LiveRun },
  services: TrainingServices,
): Promise<RunConfig | undefined> {
  if (exit.state === "finished") {
    await notePeak(withLayout(config, layout), live, services);
    await finish(live, services);
    return undefined;
  }
  const smaller = halvings < mostHalvings ? halved(config, layout.batch, exit) : undefined;
  if (!smaller) throw failureOf(exit);
  live.warn("oom.retry", `Memory ran out; going on with ${smaller.batch.device} sequences at a time.`);
  live.change({ config: { ...live.record().run.config, batch: smaller.batch } });
  return smaller;
}

/** Reads to the end; answers what the trainer chose where the configuration leaves it open. */
async function* follow(process: TrainerProcess, live: LiveRun, growth: GrowthWatch): AsyncGenerator<Progress, Layout> {
  const started = performance.now();
  const progress = createRunProgress(() => (performance.now() - started) / 1000);
  let layout: Layout = {};
  for await (const event of process.events) {
    live.take(event);
    if (event.type === "plan") layout = layoutOf(event);
    if (event.type === "checkpoint") {
      growth.add({ step: event.step, path: live.record().run.checkpoint ?? event.path });
    }
    const now = progress.of(event);
    if (now) yield now;
  }
  return layout;
}

/** Estimates are no part of a run: what cannot be remembered does not end it. */
async function notePeak(config: RunConfig, { history }: LiveRun, services: TrainingServices): Promise<void> {
  const bytes = history.peakMemory();
  // Of several processes the first one's is told: they share the work evenly, and it gathers what is saved.
  if (bytes !== null) await services.keepPeak(config, bytes).catch(() => undefined);
}

function withLayout(config: RunConfig, { batch, sharding }: Layout): RunConfig {
  const { effective, device } = config.batch;
  return { ...config, batch: { effective, device: batch ?? device }, sharding: sharding ?? config.sharding };
}

async function finish(live: LiveRun, services: TrainingServices): Promise<void> {
  const { outputs, name, config, sweep } = live.record().run;
  if (sweep !== null) return; // a sweep keeps what its policy says
  for (const [index, { kind, path }] of outputs.entries()) {
    const output = { path, label: index === 0 ? name : `${name} ${kind}`, base: config.base.path };
    await services.keep(output).catch((thrown: unknown) => live.warn("library.not-added", thrownMessage(thrown)));
  }
}

/** The configuration with half the device batch after memory ran out: the same run, in smaller parts. */
function halved(config: RunConfig, planned: number | undefined, exit: TrainerExit): RunConfig | undefined {
  if (exit.error?.code !== "trainer.out-of-memory") return undefined;
  const batch = typeof config.batch.device === "number" ? config.batch.device : planned;
  if (batch === undefined || batch < 2) return undefined;
  const { effective } = config.batch;
  const share = effective / devicesIn(config.device).length;
  const device = divisorsOf(share, batch / 2)[0] ?? 1;
  return { ...config, batch: { effective, device } };
}

function failureOf({ state, error }: TrainerExit): DeltaScopeError {
  if (error) return error;
  if (state === "cancelled") return new DeltaScopeError("job.cancelled", "The run was stopped.");
  if (state === "left") return new DeltaScopeError("job.cancelled", "The run goes on by itself.");
  return new DeltaScopeError("internal", "The trainer ended without a reason.");
}
