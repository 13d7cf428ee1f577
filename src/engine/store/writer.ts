/** One writer: changes run one after the other, and rows that wait are committed together. */

/** Runs tasks strictly one after the other; a failed task does not stop the next. */
export interface Queue {
  run<T>(task: () => Promise<T>): Promise<T>;
  /** Resolves when everything queued so far has ended. */
  idle(): Promise<void>;
}

export function createQueue(): Queue {
  let last: Promise<unknown> = Promise.resolve();
  return {
    run(task) {
      const done = last.then(task);
      last = done.catch(() => undefined);
      return done;
    },
    async idle() {
      await last;
    },
  };
}

/**
 * Collects rows while the queue is busy and hands all of them to one `commit`; every caller's promise settles with
 * the commit that held its rows.
 */
export function createGroupCommit<Item>(
  queue: Queue,
  commit: (rows: Item[]) => Promise<void>,
): (rows: readonly Item[]) => Promise<void> {
  let waiting: Item[] = [];
  let next: Promise<void> | undefined;
  const takeAll = (): Promise<void> => {
    const rows = waiting;
    waiting = [];
    next = undefined;
    return commit(rows);
  };
  return (rows) => {
    if (rows.length === 0) return Promise.resolve();
    for (const row of rows) waiting.push(row);
    next ??= queue.run(takeAll);
    return next;
  };
}
