/** Long work of one process: how much at a time, and what its end looks like to the caller. */
import { randomUUID } from "node:crypto";
import { DeltaScopeError, toDeltaScopeError } from "../../contract/errors.ts";
import { createSemaphore, type Turn } from "./semaphore.ts";

export interface JobContext {
  id: string;
  /** Set when the caller cancels or stops listening. */
  signal: AbortSignal;
}

export interface Jobs<Kind extends string> {
  /**
   * Waits for a place among the jobs of its kind, then passes the events of `work` on.
   * Throws DeltaScopeErrors only; `job.cancelled` when the signal ended it.
   */
  runJob<Event>(
    kind: Kind,
    work: (job: JobContext) => AsyncIterable<Event>,
    options?: { signal?: AbortSignal | undefined; turn?: Turn | undefined },
  ): AsyncGenerator<Event, void>;
}

/** `limits`: how many jobs of each kind run at the same time; the others wait in their order. */
export function createJobs<Kind extends string>(limits: Readonly<Record<Kind, number>>): Jobs<Kind> {
  const kinds = Object.keys(limits) as Kind[];
  const places = new Map(kinds.map((kind) => [kind, createSemaphore(limits[kind])]));
  return {
    async *runJob(kind, work, { signal, turn } = {}) {
      const stop = new AbortController();
      const job = { id: randomUUID(), signal: signal ? AbortSignal.any([signal, stop.signal]) : stop.signal };
      const leave = await places.get(kind)?.acquire(1, job.signal, turn);
      try {
        yield* work(job);
      } catch (thrown) {
        throw jobFailure(thrown, job.signal);
      } finally {
        stop.abort();
        leave?.();
      }
    },
  };
}

/** A cancelled job may fail with anything on its way out; a failure that has a code of its own says more. */
function jobFailure(thrown: unknown, signal: AbortSignal): DeltaScopeError {
  const error = toDeltaScopeError(thrown);
  if (!signal.aborted || error.code !== "internal") return error;
  return new DeltaScopeError("job.cancelled", "The work was cancelled.", undefined, { cause: thrown });
}
