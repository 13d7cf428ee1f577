/** One figure of the paper: closed forms at once, means as they come. */
import { useEffect, useState } from "react";
import type { FigureEvent, FigureName } from "../../../src/contract/domain/theory.ts";
import { useEngine } from "../../client/engine.ts";

export interface FigureModel {
  event: FigureEvent | undefined;
  running: boolean;
  error: unknown;
}

const nothing = { event: undefined, running: true, error: null };

export function useFigure(name: FigureName, replicates: number): FigureModel {
  const engine = useEngine();
  const [model, setModel] = useState<FigureModel & { key: string }>({ ...nothing, key: "" });
  const key = `${name} ${replicates}`;
  useEffect(() => {
    const stop = new AbortController();
    const show = (next: FigureModel) => !stop.signal.aborted && setModel({ ...next, key });
    const run = async () => {
      let event: FigureEvent | undefined;
      try {
        for await (event of await engine.theory.figure({ name, replicates }, { signal: stop.signal }))
          show({ event, running: event.done < event.total, error: null });
        show({ event, running: false, error: null });
      } catch (error) {
        show({ event, running: false, error });
      }
    };
    void run();
    return () => stop.abort();
  }, [engine, name, replicates, key]);
  return model.key === key ? model : nothing;
}
