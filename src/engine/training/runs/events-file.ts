/** The lines that a run has written so far, read again from its folder. */
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { TrainerEvent } from "../../../contract/domain/training.ts";
import { type FinalEvent, isFinal } from "../ending.ts";
import { createLineReader } from "../protocol.ts";
import { type Changes, createHistory, type RunHistory } from "./history.ts";

/** A run of millions of steps writes gigabytes; of more than this only the beginning is shown. */
const mostBytes = 2e9;

/**
 * Nothing where the run has written nothing yet. What is no line of the protocol is passed over, and so is half a line
 * at the end, which is being written or never was.
 * @param reached hears how many bytes whole lines take so far
 */
export async function* readEvents(
  folder: string,
  reached: (bytes: number) => void = () => undefined,
): AsyncGenerator<TrainerEvent, void> {
  const file = join(folder, "events.jsonl");
  const found = await stat(file).catch(() => undefined);
  if (!found?.isFile()) return;
  const lines = createLineReader();
  let bytes = 0;
  for await (const chunk of createReadStream(file, { end: mostBytes }) as AsyncIterable<Buffer>) {
    const end = chunk.lastIndexOf(newline) + 1;
    if (end > 0) reached(bytes + end);
    bytes += chunk.length;
    yield* fromTrainer(lines.push(chunk));
  }
}

const newline = 0x0a;

/** Several processes write one file one after the other, each counting its lines anew: gaps mean nothing here. */
function fromTrainer(events: readonly TrainerEvent[]): TrainerEvent[] {
  return events.filter((event) => event.type !== "warning" || !event.code.startsWith("protocol."));
}

/** What a run's folder tells of it. */
export interface ReadRun {
  history: RunHistory;
  /** What its lines add up to. */
  changes: Omit<Changes, "state">;
  /** How its newest trainer ended, where it said so, and when (Unix seconds). */
  last: FinalEvent | undefined;
  /** Of whole lines that were read. */
  bytes: number;
  /** As its newest trainer planned it. */
  layout: Layout;
  /** Process id of its newest trainer. */
  pid: number | undefined;
  /** When its first line was said, in Unix seconds; undefined where there is none. */
  began: number | undefined;
  /** When its newest line was said, in Unix seconds. */
  heard: number;
}

/** How a run stands on its devices: sequences at a time, and what each holds; as far as its trainer said so. */
export interface Layout {
  batch?: number;
  sharding?: "none" | "full";
}

const unheard = { pid: undefined, began: undefined, heard: Number.NEGATIVE_INFINITY };

export async function readRun(folder: string): Promise<ReadRun> {
  const history = createHistory(folder);
  const read: Omit<ReadRun, "history"> = { changes: {}, last: undefined, bytes: 0, layout: {}, ...unheard };
  const reached = (bytes: number): void => {
    read.bytes = bytes;
  };
  for await (const event of readEvents(folder, reached)) {
    const { state: _, ...changes } = history.take(event);
    Object.assign(read.changes, changes);
    read.began ??= event.t;
    read.heard = event.t;
    if (event.type === "plan") read.layout = layoutOf(event);
    if (event.type === "hello") Object.assign(read, { last: undefined, pid: event.pid });
    else if (isFinal(event)) read.last = event;
  }
  return { history, ...read };
}

export function layoutOf({ config }: Extract<TrainerEvent, { type: "plan" }>): Layout {
  const told = config as { batch?: { device?: unknown }; sharding?: unknown } | null | undefined;
  const [batch, sharding] = [told?.batch?.device, told?.sharding];
  return {
    ...(typeof batch === "number" ? { batch } : {}),
    ...(sharding === "none" || sharding === "full" ? { sharding } : {}),
  };
}
