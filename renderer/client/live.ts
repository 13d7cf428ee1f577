/** Listens to the engine for as long as the app is shown; views just use their queries. */
import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { type EngineClient, useEngine } from "./engine.ts";
import { type LiveCache, liveCache } from "./live-cache.ts";

/** Pause before listening again after the engine went away, in milliseconds. */
const retryPause = 300;

let current: LiveCache | undefined;

/** True while something that the engine told is not on screen yet. */
export function eventsPending(): boolean {
  return current?.pending() ?? false;
}

export function useEngineEvents(): void {
  const engine = useEngine();
  const queries = useQueryClient();
  useEffect(() => {
    const live = liveCache(queries);
    const stop = new AbortController();
    current = live;
    void listen(engine, live, stop.signal);
    return () => {
      stop.abort();
      live.stop();
      current = undefined;
    };
  }, [engine, queries]);
}

async function listen(engine: EngineClient, live: LiveCache, signal: AbortSignal): Promise<void> {
  for (let again = false; !signal.aborted; again = true) {
    try {
      const events = await engine.events(undefined, { signal });
      if (again) live.refreshAll();
      for await (const event of events) live.receive(event);
    } catch {
      // The connection bar says that the engine is away; here only waiting helps.
    }
    if (!signal.aborted) await new Promise((resolve) => setTimeout(resolve, retryPause));
  }
}
