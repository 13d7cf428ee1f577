/** Passes events on to everyone who listens; a slow listener costs bounded memory and never holds up the others. */
import type { EngineEvent } from "../../contract/domain/job.ts";

/** Events that wait for one listener: ten a second of each kind for several seconds. */
const mostWaiting = 128;

export interface EventHub {
  publish(event: EngineEvent): void;
  /**
   * Starts with `hello` and goes on until the signal or the caller ends it. When too many events wait they are dropped
   * and a new `hello` is sent in their place, after which everything else must be asked again.
   */
  listen(hello: () => EngineEvent, signal?: AbortSignal): AsyncGenerator<EngineEvent, void>;
  /** Ends every listener's stream. */
  close(): void;
}

interface Listener {
  waiting: EngineEvent[];
  overflown: boolean;
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
    async *listen(hello, signal) {
      const listener: Listener = { waiting: [], overflown: true, ended: closed, wake: () => undefined };
      const end = (): void => {
        listener.ended = true;
        listener.wake();
      };
      if (signal?.aborted) return;
      signal?.addEventListener("abort", end, { once: true });
      listeners.add(listener);
      try {
        while (!listener.ended) {
          const event = take(listener, hello);
          if (event) yield event;
          else await new Promise<void>((resolve) => Object.assign(listener, { wake: resolve }));
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
  if (listener.overflown) return; // the hello that comes will say it
  if (listener.waiting.length >= limit) {
    listener.waiting = [];
    listener.overflown = true;
  } else {
    listener.waiting.push(event);
  }
  listener.wake();
}

function take(listener: Listener, hello: () => EngineEvent): EngineEvent | undefined {
  if (!listener.overflown) return listener.waiting.shift();
  listener.overflown = false;
  return hello();
}
