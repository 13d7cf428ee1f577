/** Turns work that reports by calls into a stream of events that its reader pulls. */
import type { EditEvent } from "../../contract/api.ts";
import type { EditDocument } from "../../contract/domain/edit.ts";
import { createEventQueue } from "../jobs/event-queue.ts";
import type { EditListener } from "./services.ts";

/** The work starts with the first pull; what it throws ends the stream after the events told before. */
export async function* editEvents(work: (listener: EditListener) => Promise<EditDocument>): AsyncGenerator<EditEvent> {
  const events = createEventQueue<EditEvent>(() => undefined);
  const result = work({
    progress: (progress) => events.push([{ type: "progress", progress }]),
    alert: (alert) => events.push([{ type: "alert", alert }]),
  }).finally(events.close);
  result.catch(() => undefined); // it is awaited below; a reader that stops early must not leave it unheard
  yield* events.items;
  yield { type: "finished", document: await result };
}
