/** Runs weighted work side by side: small modules one per thread, large ones with every thread inside. */

export interface Weighted<T> {
  item: T;
  /** Threads the item takes, at most the capacity. */
  threads: number;
}

export interface Completed<T, R> {
  item: T;
  result: R;
}

/**
 * Starts items in the given order while their threads fit into the capacity and yields each as soon as it ends.
 * `work` must not throw: a failure is a result too. Stops starting once the signal is set.
 */
export async function* runWeighted<T, R>(
  items: readonly Weighted<T>[],
  capacity: number,
  work: (item: T, threads: number) => Promise<R>,
  signal?: AbortSignal,
): AsyncGenerator<Completed<T, R>> {
  const running = new Map<number, Promise<number>>();
  const results = new Map<number, Completed<T, R>>();
  let used = 0;
  let next = 0;

  const startNext = (): boolean => {
    const candidate = items[next];
    if (!candidate || signal?.aborted) return false;
    if (used > 0 && used + candidate.threads > capacity) return false;
    const id = next++;
    used += candidate.threads;
    running.set(
      id,
      work(candidate.item, candidate.threads).then((result) => {
        used -= candidate.threads;
        results.set(id, { item: candidate.item, result });
        return id;
      }),
    );
    return true;
  };

  for (;;) {
    while (startNext());
    if (running.size === 0) return;
    const finished = await Promise.race(running.values());
    running.delete(finished);
    while (startNext());
    const completed = results.get(finished);
    results.delete(finished);
    if (completed) yield completed;
  }
}

/**
 * Yields items of `source` in their order, each once `settle` of it has ended; meanwhile the source goes on. An item
 * whose settling fails is left out: its failure is for whoever awaits it.
 */
export async function* onceSettled<T>(
  source: AsyncIterable<T>,
  settle: (item: T) => Promise<void>,
): AsyncGenerator<T, void> {
  const items = source[Symbol.asyncIterator]();
  const settling: { item: T; isSettled: Promise<boolean> }[] = [];
  let pulled: Promise<IteratorResult<T>> | undefined = items.next();
  try {
    while (pulled !== undefined || settling.length > 0) {
      const first = settling[0];
      const news = await Promise.race([pulled, first?.isSettled].filter((one) => one !== undefined));
      if (typeof news === "boolean") {
        settling.shift();
        if (news && first) yield first.item;
      } else if (news.done) {
        pulled = undefined;
      } else {
        settling.push({ item: news.value, isSettled: isSettled(settle(news.value)) });
        pulled = items.next();
      }
    }
  } finally {
    // Not awaited: it would wait for what the source is at.
    void items.return?.();
  }
}

function isSettled(work: Promise<void>): Promise<boolean> {
  return work.then(
    () => true,
    () => false,
  );
}

/**
 * Threads for each unit: one, unless the unit is so large that it alone would outlast an even share of the rest, or
 * so large that two at a time would not fit the memory.
 */
export function assignThreads<T extends { cost: { flops: number; memoryBytes: number } }>(
  units: readonly T[],
  threads: number,
  memoryBytes: number,
): Weighted<T>[] {
  const total = units.reduce((sum, unit) => sum + unit.cost.flops, 0);
  const evenShare = total / threads;
  return units.map((item) => {
    const alone = item.cost.flops > evenShare || item.cost.memoryBytes * threads > memoryBytes;
    return { item, threads: alone ? threads : 1 };
  });
}
