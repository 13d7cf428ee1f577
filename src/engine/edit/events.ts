/** Turns work that reports by calls into a stream of events that its reader pulls. */
import type { EditEvent } from "../../contract/api.ts";
import type { EditDocument } from "../../contract/domain/edit.ts";
import type { EditListener } from "./services.ts";

/** The work starts with the first pull; what it throws ends the stream after the events told before. */
export async function* editEvents(work: (listener: EditListener) => Promise<EditDocument>): AsyncGenerator<EditEvent> {
  const waiting: EditEvent[] = [];
  let wake = (): void => undefined;
  const tell = (event: EditEvent): void => {
    waiting.push(event);
    wake();
  };
  let ended = false;
  const result = work({
    progress: (progress) => tell({ type: "progress", progress }),
    alert: (alert) => tell({ type: "alert", alert }),
  }).finally(() => {
    ended = true;
    wake();
  });
  result.catch(() => undefined); // it is awaited below; a reader that stops early must not leave it unheard
  while (!ended || waiting.length > 0) {
    const event = waiting.shift();
    if (event) yield event;
    else
      await new Promise<void>((resolve) => {
        wake = resolve;
        if (ended) resolve();
      });
  }
  yield { type: "finished", document: await result };
}
