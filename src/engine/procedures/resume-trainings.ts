/** Fine-tunes that the end of the app stopped, taken up when a window opens, where the user chose that. */
import type { Opened } from "./services.ts";
import { readSettings } from "./settings.ts";

/** Once for each opening: what a user pauses or cancels afterwards stays so. */
const seen = new WeakSet<Opened>();

export async function resumeTrainings(opened: Opened): Promise<void> {
  if (seen.has(opened) || opened.copiedAt !== undefined) return;
  seen.add(opened);
  if (!(await readSettings(opened.store)).resumeTrainings) return;
  for (const { id, question, state } of opened.queue.list()) {
    const isLeft = state === "paused" || state === "failed";
    if (isLeft && (question.kind === "training" || question.kind === "sweep")) opened.queue.resume(id);
  }
}
