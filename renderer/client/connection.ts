/** Whether the engine is there, as a store that React can subscribe to. */

/**
 * starting: not reached yet · connected · gone: lost, being reached again ·
 * signed-out: the server does not know this browser; only a new address from its terminal helps.
 */
export type ConnectionPhase = "starting" | "connected" | "gone" | "signed-out";

export interface ConnectionState {
  phase: ConnectionPhase;
  /** How often the engine was reached again after it was lost; "Resumed" is due when this grows. */
  resumptions: number;
}

/** Fits `useSyncExternalStore(connection.subscribe, connection.getSnapshot)`. */
export interface Connection {
  subscribe(listener: () => void): () => void;
  getSnapshot(): ConnectionState;
}

/** The store with the transport's handle to it. */
export interface ConnectionStore extends Connection {
  enter(phase: ConnectionPhase): void;
}

export function connectionStore(): ConnectionStore {
  let state: ConnectionState = { phase: "starting", resumptions: 0 };
  const listeners = new Set<() => void>();
  return {
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    getSnapshot: () => state,
    enter(phase) {
      if (phase === state.phase) return;
      const resumed = phase === "connected" && state.phase !== "starting";
      state = { phase, resumptions: state.resumptions + (resumed ? 1 : 0) };
      for (const listener of [...listeners]) listener();
    },
  };
}
