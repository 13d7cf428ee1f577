/**
 * The scoring process. ONNX Runtime blocks the event loop and dies with a file that shrinks under it, so it runs here;
 * whoever cancels kills the process. It listens to nothing but its parent, and ends with it.
 */
import { toDeltaScopeError } from "../../../contract/errors.ts";
import type { ScoringAnswer, ScoringQuestion } from "./protocol.ts";
import { openSession, runtimeVersion, type ScoringSession } from "./session.ts";

let session: ScoringSession | undefined;

async function answer(question: ScoringQuestion): Promise<ScoringAnswer> {
  if (question.kind === "probe") return { kind: "runtime", version: await runtimeVersion() };
  if (question.kind === "open") {
    session = await openSession(question);
    return { kind: "ready" };
  }
  if (session === undefined) throw new Error("The scoring process was asked before it was opened.");
  if (question.kind === "batch") return { kind: "scored", rows: await session.run(question.rows) };
  session.useFactors(question.file);
  return { kind: "ready" };
}

process.on("message", (question: ScoringQuestion) => {
  void answer(question)
    .catch((thrown: unknown): ScoringAnswer => ({ kind: "failed", error: toDeltaScopeError(thrown).toDocument() }))
    .then((result) => process.send?.(result));
});
process.on("disconnect", () => process.exit(0));
// Ctrl-C reaches every process of a terminal; the engine decides what becomes of this one.
process.on("SIGINT", () => undefined);
