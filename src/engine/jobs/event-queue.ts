/** Events between whatever sends them and one reader that takes its time. */

export interface EventQueue<Item> {
  push(items: readonly Item[]): void;
  /** No more will come; the reader still gets what waits. */
  close(): void;
  waiting(): number;
  /** For one reader. A reader that leaves early loses the rest. */
  items: AsyncIterable<Item>;
}

/** @param drained called whenever nothing waits any more */
export function createEventQueue<Item>(drained: () => void): EventQueue<Item> {
  let waiting: Item[] = [];
  let isOpen = true;
  let isRead = true;
  let wake = (): void => {};
  async function* read(): AsyncGenerator<Item, void> {
    try {
      while (waiting.length > 0 || isOpen) {
        const taken = waiting;
        waiting = [];
        yield* taken;
        if (waiting.length > 0 || !isOpen) continue;
        drained();
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    } finally {
      isRead = false;
      waiting = [];
      drained();
    }
  }
  return {
    push(items) {
      if (isRead) waiting.push(...items);
      wake();
    },
    close() {
      isOpen = false;
      wake();
    },
    waiting: () => waiting.length,
    items: read(),
  };
}
