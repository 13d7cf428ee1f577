/** The queue of long work. */
import { z } from "zod";
import { job, jobQuestion } from "../domain/job.ts";
import { procedure } from "./procedure.ts";

export const jobsProcedures = {
  list: procedure.output(z.array(job)),
  /** Queues work; it goes on whatever happens to the window that asked. */
  start: procedure.input(jobQuestion).output(job),
  cancel: procedure.input(z.object({ job: z.string() })).output(job),
  /** Stops the work and keeps what is finished; `resume` goes on from there. */
  pause: procedure.input(z.object({ job: z.string() })).output(job),
  /** Starts the same question again; stored modules are not computed twice. */
  resume: procedure.input(z.object({ job: z.string() })).output(job),
  /** Gives a job the place before another one, or the last; those that wait begin in this order, also after a restart. */
  move: procedure.input(z.object({ job: z.string(), before: z.string().nullable() })).output(z.array(job)),
  clear: procedure.input(z.object({ jobs: z.array(z.string()) })).output(z.array(job)),
};
