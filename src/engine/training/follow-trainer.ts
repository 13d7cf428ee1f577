/** Watches a trainer that may outlive this program by what it writes, whoever started it. */
import type { ChildProcess } from "node:child_process";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { TrainerEvent } from "../../contract/domain/training.ts";
import type { DeltaScopeError } from "../../contract/errors.ts";
import { createEventQueue, type EventQueue } from "../jobs/event-queue.ts";
import { type FinalEvent, isFinal, outcomeOf } from "./ending.ts";
import { logLines } from "./log-lines.ts";
import { killGroup } from "./process-group.ts";
import { createLineReader, type LineReader } from "./protocol.ts";
import { appendRequest, type Request } from "./requests.ts";
import { type SilenceWatch, watchSilence } from "./silence.ts";
import { openTail, type Tail } from "./tail.ts";
import { isHere, trainerIsAlive, type UnattendedNote } from "./trainer-note.ts";
import {
  mostWaiting,
  type TrainerExit,
  type TrainerPatience,
  type TrainerProcess,
  usualPatience,
} from "./trainer-process.ts";

/** Between two looks at what it wrote. */
const lookMs = 200;

export interface Followed {
  runFolder: string;
  note: UnattendedNote;
  /** Bytes of `events.jsonl` that are known already, and the last line where that is among them. */
  known: { bytes: number; last?: FinalEvent | undefined };
  /** Set where this process started it just now. */
  started?: { child: ChildProcess; silent: DeltaScopeError } | undefined;
  patience?: Partial<TrainerPatience> | undefined;
}

/** What is known of it while it is followed. */
interface State {
  followed: Followed;
  patience: TrainerPatience;
  queue: EventQueue<TrainerEvent>;
  reader: LineReader;
  silence: SilenceWatch;
  tail: Tail;
  last: FinalEvent | undefined;
  refusal: DeltaScopeError | undefined;
  requested: boolean;
  timers: NodeJS.Timeout[];
  /** Ends the watching, not the trainer. */
  left: AbortController;
}

/** Aborting is `cancel(true)`. One that has ended is read to its end. */
export function followTrainer(followed: Followed, signal?: AbortSignal): TrainerProcess {
  const { runFolder, note, known, started } = followed;
  const queue = createEventQueue<TrainerEvent>(() => undefined);
  const patience = { ...usualPatience, ...followed.patience };
  const state: State = {
    ...{ followed, patience, queue, last: known.last, refusal: undefined, requested: false, timers: [] },
    reader: createLineReader(Date.now, started ? 0 : "unknown"),
    silence: watchSilence(patience, (warning) => queue.push([warning])),
    tail: openTail(join(runFolder, "events.jsonl"), known.bytes),
    left: new AbortController(),
  };
  if (started) giveUpWithoutHello(state, started);
  const abort = (): void => stopStepwise(state, true);
  signal?.addEventListener("abort", abort, { once: true });
  if (signal?.aborted) abort();
  const exit = readToEnd(state).then(async (): Promise<TrainerExit> => {
    signal?.removeEventListener("abort", abort);
    for (const timer of state.timers) clearTimeout(timer);
    state.silence.stop();
    queue.close();
    await state.tail.close();
    return exitOf(state);
  });
  return {
    pid: note.pid,
    events: queue.items,
    cancel: (save) => stopStepwise(state, save),
    checkpoint: () => appendRequest(requestsOf(followed), { type: "checkpoint" }),
    leave() {
      if (!state.requested) state.left.abort();
    },
    exit,
    log: () => logLines(runFolder),
  };
}

async function readToEnd(state: State): Promise<void> {
  const { left, queue, tail, followed } = state;
  while (!left.signal.aborted) {
    // Asked before reading: what it wrote at last is read after it has ended.
    const alive = await isAlive(followed);
    for (let piece = await tail.next(); piece && !left.signal.aborted; piece = await tail.next()) {
      take(state, state.reader.push(piece));
      while (queue.waiting() > mostWaiting && !left.signal.aborted) await pause(left.signal);
    }
    if (!alive) return take(state, state.reader.end());
    await pause(left.signal);
  }
}

function pause(signal: AbortSignal): Promise<void> {
  return delay(lookMs, undefined, { signal }).catch(() => undefined);
}

async function isAlive({ runFolder, note, started }: Followed): Promise<boolean> {
  if (!started) return trainerIsAlive(runFolder, note);
  return started.child.exitCode === null && started.child.signalCode === null;
}

function take(state: State, events: TrainerEvent[]): void {
  for (const event of events) state.silence.heard(event);
  state.last = events.find(isFinal) ?? state.last;
  state.queue.push(events);
  state.refusal ??= state.reader.refusal();
  // One that has worked for hours is left alone: an older version of this program may read it no more.
  if (state.refusal && state.followed.started) void end(state.followed, "SIGKILL");
}

function giveUpWithoutHello(state: State, { silent }: NonNullable<Followed["started"]>): void {
  const give = (): void => {
    if (state.silence.saidHello()) return;
    state.refusal ??= silent;
    void end(state.followed, "SIGKILL");
  };
  state.timers.push(setTimeout(give, state.patience.hello));
}

function stopStepwise(state: State, save: boolean): void {
  if (state.left.signal.aborted) return;
  ask(state.followed, { type: "cancel", save });
  if (state.requested) return;
  state.requested = true;
  const { stop } = state.patience;
  state.timers.push(setTimeout(() => void end(state.followed, "SIGTERM"), stop));
  state.timers.push(setTimeout(() => void end(state.followed, "SIGKILL"), 2 * stop));
}

/** On a full disk no line can be added: the signals that follow say the same. */
function ask(followed: Followed, request: Request): void {
  try {
    appendRequest(requestsOf(followed), request);
  } catch {}
}

function requestsOf({ runFolder, note }: Followed): string {
  return join(runFolder, note.unattended.requests);
}

/** Never another process that got its number meanwhile. */
async function end(followed: Followed, signal: NodeJS.Signals): Promise<void> {
  const { note } = followed;
  if (isHere(note) && (await isAlive(followed))) killGroup({ pid: note.pid, exitCode: null }, signal);
}

async function exitOf({ followed, left, last, refusal, requested }: State): Promise<TrainerExit> {
  const { runFolder, started } = followed;
  const { exitCode: code = null, signalCode: signal = null } = started?.child ?? {};
  if (left.signal.aborted) return { state: "left", error: undefined, code, signal, last };
  const tail = await logLines(runFolder);
  return { code, signal, last, ...outcomeOf({ code, signal, last, refusal, requested, tail, runFolder }) };
}
