/** One trainer as a child process over its pipes: it ends with this program, which it never outlives unnoticed. */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import type { TrainerEvent } from "../../contract/domain/training.ts";
import type { DeltaScopeError } from "../../contract/errors.ts";
import { createEventQueue, type EventQueue } from "../jobs/event-queue.ts";
import { atExit } from "../workspace/exit.ts";
import { type FinalEvent, isFinal, outcomeOf } from "./ending.ts";
import { killGroup, ownGroup } from "./process-group.ts";
import { trainerFolder } from "./process-variables.ts";
import { createLineReader, type LineReader } from "./protocol.ts";
import { type Request, requestLine } from "./requests.ts";
import { watchSilence } from "./silence.ts";
import { openStderrLog, type StderrLog } from "./stderr-log.ts";
import { noteTrainer } from "./trainer-note.ts";
import { mostWaiting, type TrainerPatience, type TrainerProcess } from "./trainer-process.ts";
import { notStarted, prepareStart, silentStart, spawned, type TrainerStart } from "./trainer-start.ts";

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

/**
 * Writes the configuration and starts the trainer. Aborting is `cancel(true)`.
 * @throws DeltaScopeError `trainer.not-started`
 */
export async function startTrainer(start: TrainerStart, signal?: AbortSignal): Promise<TrainerProcess> {
  const { words, environment, patience } = await prepareStart(start);
  const log = openStderrLog(join(start.runFolder, "stderr.log"));
  try {
    const child = await spawnChild(start.python, words, environment);
    return watch(child, { start, log, signal, patience });
  } catch (thrown) {
    log.close();
    throw notStarted(thrown, start.python);
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
  return spawned(child);
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
  note(child, start.runFolder);
  const receive = (events: TrainerEvent[]): void => {
    for (const event of events) {
      silence.heard(event);
      if (event.type === "hello") note(child, start.runFolder, event.pid);
    }
    takeIn(watched, events);
  };
  const helloTimer = setTimeout(() => giveUpOn(watched, silentStart(start, patience.hello)), patience.hello);
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
    leave: () => undefined,
    exit,
    log: async () => log.tail(),
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

function stopStepwise(watched: Watched, save: boolean, patience: number): void {
  const { child, timers } = watched;
  send(child, { type: "cancel", save });
  if (watched.requested) return;
  watched.requested = true;
  timers.push(setTimeout(() => killGroup(child, "SIGTERM"), patience));
  timers.push(setTimeout(() => killGroup(child, "SIGKILL"), 2 * patience));
}

function send(child: Child, request: Request): void {
  if (child.stdin.writable) child.stdin.write(requestLine(request));
}

/** A run does not end because nobody may write beside it: the trainer itself reports the disk. */
function note({ pid }: Child, folder: string, trainer = pid): void {
  if (pid === undefined) return;
  try {
    noteTrainer(folder, { pid, trainer });
  } catch {}
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
