/** One trainer as a child process: started, watched, stopped; it never outlives its end unnoticed. */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { devicesIn, type RunConfig, type TrainerEvent } from "../../contract/domain/training.ts";
import { DeltaScopeError } from "../../contract/errors.ts";
import { createEventQueue, type EventQueue } from "../jobs/event-queue.ts";
import { outputError } from "../source/file-errors.ts";
import { quote } from "../source/quote.ts";
import { atExit } from "../workspace/exit.ts";
import { type FinalEvent, isFinal, type Outcome, outcomeOf } from "./ending.ts";
import { killGroup, ownGroup } from "./process-group.ts";
import { onItsDevices, processVariables, pythonWords, trainerFolder } from "./process-variables.ts";
import { createLineReader, type LineReader, protocolVersion } from "./protocol.ts";
import { watchSilence } from "./silence.ts";
import { openStderrLog, type StderrLog } from "./stderr-log.ts";

/** Milliseconds. */
export interface TrainerPatience {
  /** From the start to `hello`, which comes before the heavy imports; several processes are launched by one with them. */
  hello: number;
  /** From one step of stopping to the next: line, SIGTERM, SIGKILL. */
  stop: number;
  /** Without a line before `trainer.stalled` is said. */
  quiet: number;
  /** The same while it loads, tokenizes or saves. */
  quietWork: number;
}

export interface TrainerStart {
  /** Full path of the interpreter. */
  python: string;
  /** Paths in it are absolute. Its cards become the only ones that the process sees. */
  config: RunConfig;
  /** Made where needed; `config.json` and `stderr.log` are written here, the rest is the trainer's. */
  runFolder: string;
  resume: boolean;
  /** More variables of the environment. */
  environment?: Readonly<Record<string, string>> | undefined;
  patience?: Partial<TrainerPatience> | undefined;
}

export interface TrainerExit extends Outcome {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** `done`, `cancelled` or `error`; undefined where it ended without. */
  last: FinalEvent | undefined;
}

export interface TrainerProcess {
  pid: number | undefined;
  /**
   * Its lines, and warnings of this side: `protocol.*` for what was no line, `trainer.stalled` after too long a
   * silence. For one reader, who must read to the end: the trainer waits for a slow one. Never throws.
   */
  events: AsyncIterable<TrainerEvent>;
  /** Stops after the current step; what does not obey within 30 s gets SIGTERM, after 30 s more SIGKILL. */
  cancel(save: boolean): void;
  /** Saves now and goes on. */
  checkpoint(): void;
  /** Never rejects. */
  exit: Promise<TrainerExit>;
  /** The last 200 lines of standard error. */
  log(): string[];
}

const usualPatience: TrainerPatience = { hello: 20_000, stop: 30_000, quiet: 60_000, quietWork: 300_000 };
/** Of `hello` where several processes train together. */
const launchPatience = 120_000;
/** More events than this waiting for their reader, and the trainer's pipe fills up. */
const mostWaiting = 1000;

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

/**
 * Writes the configuration and starts the trainer. Aborting is `cancel(true)`.
 * @throws DeltaScopeError `trainer.not-started`
 */
export async function startTrainer(start: TrainerStart, signal?: AbortSignal): Promise<TrainerProcess> {
  const { device, variables } = onItsDevices(start.config.device);
  const file = await writeConfig(start.runFolder, { ...start.config, device });
  const log = openStderrLog(join(start.runFolder, "stderr.log"));
  const words = [...pythonWords, "run", file, "--out", start.runFolder, ...(start.resume ? ["--resume"] : [])];
  const environment = processVariables({ ...variables, ...start.environment });
  try {
    const child = await spawnChild(start.python, words, environment);
    const usual = devicesIn(device).length > 1 ? { ...usualPatience, hello: launchPatience } : usualPatience;
    return watch(child, { start, log, signal, patience: { ...usual, ...start.patience } });
  } catch (thrown) {
    log.close();
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    const message = `${quote(start.python)} could not be started: ${reason}`;
    throw new DeltaScopeError("trainer.not-started", message, start.python, { cause: thrown });
  }
}

/** @throws DeltaScopeError `output.unwritable` */
async function writeConfig(folder: string, config: RunConfig): Promise<string> {
  const file = join(folder, "config.json");
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(`${file}.new`, `${JSON.stringify(config, undefined, 2)}\n`);
    await rename(`${file}.new`, file);
    return file;
  } catch (thrown) {
    throw outputError(thrown, folder);
  }
}

function spawnChild(python: string, words: string[], env: NodeJS.ProcessEnv): Promise<Child> {
  const child = spawn(python, words, {
    cwd: trainerFolder,
    env,
    stdio: ["pipe", "pipe", "pipe"],
    detached: ownGroup,
    windowsHide: true,
    shell: false,
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.once("spawn", () => resolve(child));
  });
}

interface Watching {
  start: TrainerStart;
  log: StderrLog;
  signal: AbortSignal | undefined;
  patience: TrainerPatience;
}

/** What is known of a trainer while it runs. */
interface Watched {
  child: Child;
  reader: LineReader;
  queue: EventQueue<TrainerEvent>;
  last: FinalEvent | undefined;
  refusal: DeltaScopeError | undefined;
  requested: boolean;
  timers: NodeJS.Timeout[];
}

function watch(child: Child, { start, log, signal, patience }: Watching): TrainerProcess {
  const queue = createEventQueue<TrainerEvent>(() => child.stdout.resume());
  const watched: Watched = {
    ...{ child, queue, reader: createLineReader(), timers: [] },
    ...{ last: undefined, refusal: undefined, requested: false },
  };
  const silence = watchSilence(patience, (warning) => queue.push([warning]));
  const receive = (events: TrainerEvent[]): void => {
    for (const event of events) silence.heard(event);
    takeIn(watched, events);
  };
  const helloTimer = setTimeout(() => giveUpOn(watched, silentStart(start, patience)), patience.hello);
  watched.timers.push(helloTimer);
  child.stdout.on("data", (chunk: Buffer) => {
    receive(watched.reader.push(chunk));
    if (silence.saidHello()) clearTimeout(helloTimer);
    const refusal = watched.reader.refusal();
    if (refusal) giveUpOn(watched, refusal);
  });
  child.stderr.on("data", (chunk: Buffer) => log.write(chunk));
  // A write to a child that has just ended fails; its end is reported by itself.
  child.stdin.on("error", () => {});
  const stop = (save: boolean): void => stopStepwise(watched, save, patience.stop);
  const abort = (): void => stop(true);
  signal?.addEventListener("abort", abort, { once: true });
  if (signal?.aborted) abort();
  const forget = atExit(() => killGroup(child, "SIGTERM"));
  const exit = ended(child).then(({ code, signal: by }) => {
    forget();
    signal?.removeEventListener("abort", abort);
    for (const timer of watched.timers) clearTimeout(timer);
    silence.stop();
    takeIn(watched, watched.reader.end());
    queue.close();
    log.close();
    const { last, refusal, requested } = watched;
    const ending = { code, signal: by, last, refusal, requested, tail: log.tail(), runFolder: start.runFolder };
    return { code, signal: by, last, ...outcomeOf(ending) };
  });
  return {
    pid: child.pid,
    events: queue.items,
    cancel: stop,
    checkpoint: () => send(child, { type: "checkpoint" }),
    exit,
    log: log.tail,
  };
}

function takeIn(watched: Watched, events: TrainerEvent[]): void {
  watched.last = events.find(isFinal) ?? watched.last;
  watched.queue.push(events);
  if (watched.queue.waiting() > mostWaiting) watched.child.stdout.pause();
}

/** Ends a trainer that did nothing yet, so nothing is lost. */
function giveUpOn(watched: Watched, refusal: DeltaScopeError): void {
  watched.refusal ??= refusal;
  killGroup(watched.child, "SIGKILL");
}

function silentStart({ python, runFolder }: TrainerStart, { hello }: TrainerPatience): DeltaScopeError {
  const message = `The trainer started with ${quote(python)} gave no sign of life within ${hello / 1000} s.`;
  return new DeltaScopeError("trainer.silent", message, runFolder);
}

function stopStepwise(watched: Watched, save: boolean, patience: number): void {
  const { child, timers } = watched;
  send(child, { type: "cancel", save });
  if (watched.requested) return;
  watched.requested = true;
  timers.push(setTimeout(() => killGroup(child, "SIGTERM"), patience));
  timers.push(setTimeout(() => killGroup(child, "SIGKILL"), 2 * patience));
}

function send(child: Child, line: { type: "cancel"; save: boolean } | { type: "checkpoint" }): void {
  if (child.stdin.writable) child.stdin.write(`${JSON.stringify({ v: protocolVersion, ...line })}\n`);
}

/** Its data workers may hold the pipes a little longer, or for ever: those of its group end with it. */
const pipePatience = 2000;

/** After the process has ended and its output is read. */
async function ended(child: Child): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
  const closed = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const how = await new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once("exit", (code, signal) => resolve({ code, signal }));
  });
  killGroup(child, "SIGKILL");
  child.stdout.resume();
  const late = new Promise<void>((resolve) => setTimeout(resolve, pipePatience).unref());
  await Promise.race([closed, late]);
  return how;
}
