/** The lines that a run has written so far, read again from its folder. */
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { TrainerEvent } from "../../../contract/domain/training.ts";
import { createLineReader } from "../protocol.ts";
import { createHistory, type RunHistory } from "./history.ts";

/** A run of millions of steps writes gigabytes; of more than this only the beginning is shown. */
const mostBytes = 2e9;

/** Nothing where the run has written nothing yet. What is no line of the protocol is passed over. */
export async function* readEvents(folder: string): AsyncGenerator<TrainerEvent, void> {
  const file = join(folder, "events.jsonl");
  const found = await stat(file).catch(() => undefined);
  if (!found?.isFile()) return;
  const lines = createLineReader();
  for await (const chunk of createReadStream(file, { end: mostBytes })) yield* fromTrainer(lines.push(chunk));
  yield* fromTrainer(lines.end());
}

/** Several processes write one file one after the other, each counting its lines anew: gaps mean nothing here. */
function fromTrainer(events: readonly TrainerEvent[]): TrainerEvent[] {
  return events.filter((event) => event.type !== "warning" || !event.code.startsWith("protocol."));
}

/** What a run's folder tells of it. */
export async function readHistory(folder: string): Promise<RunHistory> {
  const history = createHistory(folder);
  for await (const event of readEvents(folder)) history.take(event);
  return history;
}
