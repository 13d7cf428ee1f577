/** Several pieces of work side by side; the first that fails ends the others, and all have ended when this ends. */
import { createSemaphore } from "../jobs/semaphore.ts";

export async function eachOf<Item>(
  items: readonly Item[],
  atOnce: number,
  signal: AbortSignal,
  work: (item: Item, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const places = createSemaphore(atOnce);
  const stop = new AbortController();
  const both = AbortSignal.any([signal, stop.signal]);
  let failure: { thrown: unknown } | undefined;
  const one = async (item: Item): Promise<void> => {
    const leave = await places.acquire(1, both).catch(() => undefined);
    try {
      if (!failure && !both.aborted) await work(item, both);
    } catch (thrown) {
      failure ??= { thrown };
      stop.abort();
    } finally {
      leave?.();
    }
  };
  await Promise.all(items.map(one));
  if (failure) throw failure.thrown;
  signal.throwIfAborted();
}
