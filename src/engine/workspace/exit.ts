/** Runs clean-up when the process ends: by itself, or by a signal that nobody else handles. */

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

const pending = new Set<() => void>();

/** `action` must be synchronous and quick. The answer takes it back. */
export function atExit(action: () => void): () => void {
  if (pending.size === 0) listen();
  pending.add(action);
  return () => {
    pending.delete(action);
    if (pending.size === 0) unlisten();
  };
}

function listen(): void {
  process.on("exit", runAll);
  // First in line: a `once` listener of the program would be gone from the count by the time it has run.
  for (const signal of SIGNALS) process.prependListener(signal, endBySignal);
}

function unlisten(): void {
  process.off("exit", runAll);
  for (const signal of SIGNALS) process.off(signal, endBySignal);
}

function runAll(): void {
  for (const action of [...pending]) action();
}

/** A listener takes away the signal's default; where we are the only one, the process ends by it all the same. */
function endBySignal(signal: NodeJS.Signals): void {
  if (process.listenerCount(signal) > 1) return; // whoever listens decides; the exit listener still cleans up
  runAll();
  pending.clear();
  unlisten();
  process.kill(process.pid, signal);
}
