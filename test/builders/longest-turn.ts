/** How long work holds up the event loop: by the time that this thread computes, which other tests do not stretch. */
import { setImmediate } from "node:timers/promises";

export interface Watched<Result> {
  result: Result;
  /** Longest computation between two turns of the event loop, in milliseconds. */
  longest: number;
}

/** Runs `work` and takes a turn of the event loop whenever it leaves one. */
export async function watchTurns<Result>(work: () => Promise<Result>): Promise<Watched<Result>> {
  let isRunning = true;
  let longest = 0;
  const watching = (async () => {
    for (let last = threadMilliseconds(); isRunning; ) {
      await setImmediate();
      const now = threadMilliseconds();
      longest = Math.max(longest, now - last);
      last = now;
    }
  })();
  await setImmediate();
  try {
    return { result: await work(), longest };
  } finally {
    isRunning = false;
    await watching;
  }
}

function threadMilliseconds(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
