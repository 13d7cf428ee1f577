/** Weighted tokens, first come first served, so that a large request is not starved by small ones. */
import { DeltaScopeError } from "../../contract/errors.ts";

export interface Semaphore {
  /**
   * Waits for `count` tokens (never more than there are) and answers the function that gives them back.
   * Throws `job.cancelled` when the signal comes first.
   */
  acquire(count: number, signal?: AbortSignal): Promise<() => void>;
}

interface Waiter {
  count: number;
  start(): void;
}

export function createSemaphore(capacity: number): Semaphore {
  let free = capacity;
  const waiting = new Set<Waiter>();

  const startWaiting = (): void => {
    for (const waiter of waiting) {
      if (waiter.count > free) return;
      waiting.delete(waiter);
      free -= waiter.count;
      waiter.start();
    }
  };

  const giveBackOnce = (count: number): (() => void) => {
    let given = false;
    return () => {
      if (given) return;
      given = true;
      free += count;
      startWaiting();
    };
  };

  return {
    acquire(wanted, signal) {
      const count = Math.min(wanted, capacity);
      return new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(cancelled());
        const leave = (): void => {
          waiting.delete(waiter);
          reject(cancelled());
          startWaiting();
        };
        const start = (): void => {
          signal?.removeEventListener("abort", leave);
          resolve(giveBackOnce(count));
        };
        const waiter: Waiter = { count, start };
        signal?.addEventListener("abort", leave, { once: true });
        waiting.add(waiter);
        startWaiting();
      });
    },
  };
}

function cancelled(): DeltaScopeError {
  return new DeltaScopeError("job.cancelled", "The work was cancelled before it started.");
}
