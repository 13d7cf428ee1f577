/** Follows a fine-tune or sweep of this process to its end; Ctrl-C saves a checkpoint first. */
import type { EngineEvent, Job, JobQuestion } from "../../../contract/domain/job.ts";
import type { TrainingRun } from "../../../contract/domain/training.ts";
import { DeltaScopeError } from "../../../contract/errors.ts";
import { messageAtPlace, shortText } from "../../../contract/text.ts";
import type { CliContext, EngineClient } from "../../context.ts";
import { withInterrupt } from "../../interrupt.ts";
import { type ProgressView, progressView } from "../../terminal/progress.ts";
import { warningLines } from "../../views/training.ts";

/**
 * Starts the job and waits until it has ended.
 * @returns the ended job: finished, or paused by Ctrl-C @throws DeltaScopeError as which it failed
 */
export async function followJob(
  context: CliContext,
  client: EngineClient,
  question: JobQuestion,
  quiet: boolean,
): Promise<Job> {
  const follow = (signal: AbortSignal) => untilEnded(context, client, { question, quiet, signal });
  const job = await withInterrupt(context, follow, "Saving a checkpoint; this ends after the current step.");
  if (job.state !== "failed" || !job.error) return job;
  const { code, message, where, faults } = job.error;
  throw new DeltaScopeError(code, message, where, { faults });
}

interface Following {
  question: JobQuestion;
  quiet: boolean;
  signal: AbortSignal;
}

async function untilEnded(
  context: CliContext,
  client: EngineClient,
  { question, quiet, signal }: Following,
): Promise<Job> {
  const view = progressView(context.stderr, quiet);
  const listening = new AbortController();
  // Listening begins before the job, so that its end cannot be missed.
  const events = await client.events(undefined, { signal: listening.signal });
  const job = await client.jobs.start(question);
  const pause = (): void => void client.jobs.pause({ job: job.id }).catch(() => undefined);
  signal.addEventListener("abort", pause, { once: true });
  if (signal.aborted) pause();
  try {
    return await lastState(events, job, { view, warn: warner(client, view) });
  } finally {
    signal.removeEventListener("abort", pause);
    listening.abort();
    view.end();
  }
}

interface Telling {
  view: ProgressView;
  warn(run: TrainingRun): Promise<void>;
}

async function lastState(events: AsyncIterable<EngineEvent>, begun: Job, { view, warn }: Telling): Promise<Job> {
  let failures = 0;
  for await (const event of events) {
    if (event.type === "training" && isOf(event.run, begun)) await warn(event.run);
    const job = jobIn(event, begun.id);
    if (!job) continue;
    for (const { label, error } of job.failures.slice(failures)) {
      view.note(`${shortText(label)} failed: ${shortText(messageAtPlace(error), 300)}`);
    }
    failures = job.failures.length;
    if (job.state !== "queued" && job.state !== "running") return job;
    if (job.progress) view.show(job.progress);
  }
  throw new DeltaScopeError("internal", "The engine ended before the job did.");
}

function isOf(run: TrainingRun, { question }: Job): boolean {
  if (question.kind === "training") return "run" in question.spec && question.spec.run === run.id;
  return question.kind === "sweep" && "id" in question.spec && question.spec.id === run.sweep;
}

/**
 * Tells what the trainer warns of before its first step; runs of one sweep say it once. What it warns of later is told at
 * the end: asking at every step would read the whole history each time.
 */
function warner(client: EngineClient, view: ProgressView): Telling["warn"] {
  const told = new Set<string>();
  const training = new Set<string>();
  return async ({ id, step }) => {
    if (training.has(id)) return;
    if (step > 0) training.add(id);
    const history = await client.training.run({ run: id }).catch(() => undefined); // its end is told by the job
    for (const line of history ? warningLines(history) : []) {
      if (!told.has(line)) view.note(line);
      told.add(line);
    }
  };
}

/** A greeting in the place of missed events tells the job too. */
function jobIn(event: EngineEvent, id: string): Job | undefined {
  if (event.type === "hello") return event.jobs.find((job) => job.id === id);
  return event.type === "job" && event.job.id === id ? event.job : undefined;
}
