/** The moment from which an analysis can be looked at: its sources are open, and its modules are still being computed. */
import type { Job } from "../../src/contract/domain/job.ts";
import { DeltaScopeError } from "../../src/contract/errors.ts";
import type { EngineClient } from "./engine.ts";

/** How often the job is looked at, in milliseconds. */
const lookEvery = 50;

/**
 * The job once each of its sources was opened or refused, or once nothing more comes of it: it ended or was paused.
 * @param wanted false once nobody waits for it any more
 * @throws DeltaScopeError `job.not-found` when the engine knows it no more
 */
export async function openedJob(
  { jobs }: Pick<EngineClient, "jobs">,
  started: Job,
  sources: number,
  wanted: () => boolean,
): Promise<Job> {
  let job = started;
  while (wanted() && isUnderWay(job) && job.analyses.length + job.failures.length < sources) {
    await new Promise((resolve) => setTimeout(resolve, lookEvery));
    const found = (await jobs.list()).find(({ id }) => id === started.id);
    if (!found) throw new DeltaScopeError("job.not-found", `“${started.title}” is known no more.`);
    job = found;
  }
  return job;
}

function isUnderWay({ state }: Job): boolean {
  return state === "queued" || state === "running";
}
