/** What screen readers are told: finished runs, new findings, errors; the shell speaks one sentence each five seconds. */
type Listener = (sentence: string) => void;

const listeners = new Set<Listener>();

export function announce(sentence: string): void {
  for (const listener of listeners) listener(sentence);
}

/** Returns what stops listening. */
export function onAnnounce(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
