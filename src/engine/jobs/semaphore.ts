/** Weighted tokens, one waiter at a time in their order, so that a large request is not starved by small ones. */
import { DeltaScopeError } from "../../contract/errors.ts";

/** Place in the order of those who wait, asked whenever tokens are free: smaller comes first, equal as they came. */
export type Turn = () => number;

export interface Semaphore {
  /**
   * Waits for `count` tokens (never more than there are) and answers the function that gives them back.
   * Throws `job.cancelled` when the signal comes first.
   */
  acquire(count: number, signal?: AbortSignal, turn?: Turn): Promise<() => void>;
}

interface Waiter {
  count: number;
  turn: Turn;
  start(): void;
}

export function createSemaphore(capacity: number): Semaphore {
  let free = capacity;
  const waiting = new Set<Waiter>();

  const startWaiting = (): void => {
    for (let waiter = nextOf(waiting); waiter; waiter = nextOf(waiting)) {
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
    acquire(wanted, signal, turn = atOnce) {
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
        const waiter: Waiter = { count, turn, start };
        signal?.addEventListener("abort", leave, { once: true });
        waiting.add(waiter);
        startWaiting();
      });
    },
  };
}

/** Work without a place of its own is short, and others wait for it. */
function atOnce(): number {
  return -1;
}

function nextOf(waiting: ReadonlySet<Waiter>): Waiter | undefined {
  const [first] = [...waiting].toSorted((one, other) => one.turn() - other.turn());
  return first;
}

function cancelled(): DeltaScopeError {
  return new DeltaScopeError("job.cancelled", "The work was cancelled before it started.");
}
