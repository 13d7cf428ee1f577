/** Calls an action at most once in a while, and always once more after the last wish. */

export interface Throttle {
  /** Wishes a call: at once when the last one is long enough ago, else as soon as it is. */
  soon(): void;
  /** Calls at once. */
  now(): void;
  /** Forgets a wish that waits. */
  stop(): void;
}

export function createThrottle(gapMs: number, action: () => void, clock: () => number = Date.now): Throttle {
  let last = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;
  const stop = (): void => {
    clearTimeout(timer);
    timer = undefined;
  };
  const now = (): void => {
    stop();
    last = clock();
    action();
  };
  return {
    soon() {
      if (timer !== undefined) return;
      const wait = last + gapMs - clock();
      if (wait <= 0) now();
      else timer = setTimeout(now, wait).unref();
    },
    now,
    stop,
  };
}
