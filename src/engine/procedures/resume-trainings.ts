/** Fine-tunes that the end of the app left behind, taken up when a window opens. */
import type { JobQuestion } from "../../contract/domain/job.ts";
import type { Opened } from "./services.ts";
import { readSettings } from "./settings.ts";

/** Once for each opening: what a user pauses or cancels afterwards stays so. */
const seen = new WeakSet<Opened>();

/** Those that kept training are followed; those that stopped go on where the user chose that. */
export async function resumeTrainings(opened: Opened): Promise<void> {
  if (seen.has(opened) || opened.copiedAt !== undefined) return;
  seen.add(opened);
  const { resumeTrainings: all } = await readSettings(opened.store);
  for (const { id, question, state } of opened.queue.list()) {
    const waits = state === "paused" || state === "failed";
    const isTraining = question.kind === "training" || question.kind === "sweep";
    if (waits && isTraining && (all || goesOn(question, opened))) opened.queue.resume(id);
  }
}

/** What went on meanwhile is followed whatever the user chose for the others. */
function goesOn(question: JobQuestion, { training: { trainings, sweeps } }: Opened): boolean {
  if (question.kind === "training") return "run" in question.spec && trainings.isLeft(question.spec.run);
  return question.kind === "sweep" && "id" in question.spec && sweeps.isLeft(question.spec.id);
}
