/** Simulated means that stream in behind the curves; what is superseded is cancelled. */
import { useEffect, useMemo, useState } from "react";
import type { SimulationEvent, SimulationQuestion } from "../../../src/contract/domain/theory.ts";
import { useEngine } from "../../client/engine.ts";

/** A slider that still moves starts nothing. */
const restMs = 300;
/** Seconds of one core for one replicate of a matrix of one cubed entry; the decomposition dominates. */
const secondsPerCube = 1.3e-9;
/** Longer simulations start only when asked for. */
const patienceSeconds = 20;

type Means = SimulationEvent["means"];

export interface Simulation {
  /** By place of the question; undefined while it is on its way. */
  means: readonly (Means | undefined)[];
  done: number;
  total: number;
  running: boolean;
  error: unknown;
  /** Seconds of one core, roughly. */
  seconds: number;
  /** Too long to start by itself. */
  held: boolean;
  start: () => void;
}

interface State {
  question: SimulationQuestion | undefined;
  means: (Means | undefined)[];
  running: boolean;
  error: unknown;
}

const nothing: State = { question: undefined, means: [], running: false, error: null };

export function useSimulation(question: SimulationQuestion | undefined): Simulation {
  const engine = useEngine();
  const [state, setState] = useState<State>(nothing);
  const [wanted, setWanted] = useState<SimulationQuestion | undefined>(undefined);
  const seconds = useMemo(() => (question ? secondsOf(question) : 0), [question]);
  const held = seconds > patienceSeconds && wanted !== question;

  useEffect(() => {
    if (!question || held) return;
    const stop = new AbortController();
    const run = async () => {
      const means: (Means | undefined)[] = [];
      const show = (running: boolean, error: unknown) =>
        !stop.signal.aborted && setState({ question, means: [...means], running, error });
      show(true, null);
      try {
        for await (const event of await engine.theory.simulate(question, { signal: stop.signal })) {
          means[event.index] = event.means;
          show(true, null);
        }
        show(false, null);
      } catch (error) {
        show(false, error);
      }
    };
    const timer = setTimeout(run, restMs);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [engine, question, held]);

  const own = state.question === question ? state : nothing;
  return {
    means: own.means,
    done: own.means.filter((mean) => mean !== undefined).length,
    total: question?.points.length ?? 0,
    running: own.running,
    error: own.error,
    seconds,
    held,
    start: () => setWanted(question),
  };
}

function secondsOf({ k, d, points, replicates }: SimulationQuestion): number {
  const one = points.reduce((sum, { n }) => sum + k * Math.min(n, d) * Math.max(Math.min(k, n, d), d / 4), 0);
  return one * replicates * secondsPerCube;
}
