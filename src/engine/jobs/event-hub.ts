/** Passes events on to everyone who listens; a slow listener costs bounded memory and never holds up the others. */
import type { EngineEvent } from "../../contract/domain/job.ts";

/** Events that wait for one listener: ten a second of each kind for several seconds. */
const mostWaiting = 128;

export interface EventHub {
  publish(event: EngineEvent): void;
  /**
   * Starts with the greeting and goes on until the signal or the caller ends it. When too many events wait they are
   * dropped, and a greeting that makes good for them is sent in their place.
   */
  listen(greet: Greeting, signal?: AbortSignal): AsyncGenerator<EngineEvent, void>;
  /** Ends every listener's stream. */
  close(): void;
}

/** `missed`: the listener has lost events, so the greeting says everything they could have said. */
export type Greeting = (missed: boolean) => Promise<EngineEvent[]>;

interface Listener {
  waiting: EngineEvent[];
  /** What is left to be greeted for; nothing waits until that was done. */
  greeting: "first" | "missed" | undefined;
  ended: boolean;
  wake(): void;
}

export function createEventHub(limit: number = mostWaiting): EventHub {
  const listeners = new Set<Listener>();
  let closed = false;
  return {
    publish(event) {
      for (const listener of listeners) offer(listener, event, limit);
    },
    async *listen(greet, signal) {
      const listener: Listener = { waiting: [], greeting: "first", ended: closed, wake: () => undefined };
      const end = (): void => {
        listener.ended = true;
        listener.wake();
      };
      if (signal?.aborted) return;
      signal?.addEventListener("abort", end, { once: true });
      listeners.add(listener);
      try {
        while (!listener.ended) {
          if (listener.greeting) yield* await takeGreeting(listener, greet);
          const event = listener.waiting.shift();
          if (event) yield event;
          else if (!listener.greeting) await untilWoken(listener);
        }
      } finally {
        listeners.delete(listener);
        signal?.removeEventListener("abort", end);
      }
    },
    close() {
      closed = true;
      for (const listener of listeners) {
        listener.ended = true;
        listener.wake();
      }
    },
  };
}

function offer(listener: Listener, event: EngineEvent, limit: number): void {
  if (listener.greeting) return; // the greeting that comes will say it
  if (listener.waiting.length >= limit) {
    listener.waiting = [];
    listener.greeting = "missed";
  } else {
    listener.waiting.push(event);
  }
  listener.wake();
}

/** Events from now on wait again, so that none falls between the greeting's answer and its sending. */
function takeGreeting(listener: Listener, greet: Greeting): Promise<EngineEvent[]> {
  const missed = listener.greeting === "missed";
  listener.greeting = undefined;
  return greet(missed);
}

function untilWoken(listener: Listener): Promise<void> {
  if (listener.ended) return Promise.resolve();
  return new Promise((resolve) => {
    listener.wake = resolve;
  });
}
