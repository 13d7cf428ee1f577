/** Which scoring runtime this machine has. */
import { DeltaScopeError } from "../../contract/errors.ts";
import { startScoringProcess } from "./onnx/scoring-process.ts";

/** The runtime's version, asked of a scoring process. Throws `evaluation.runtime-missing`, `evaluation.process-died`. */
export async function scoringRuntime(): Promise<string> {
  const worker = startScoringProcess(
    (end) => new DeltaScopeError("evaluation.process-died", `The scoring process ended ${end}.`),
  );
  try {
    const answer = await worker.ask({ kind: "probe" }, undefined);
    return answer.kind === "runtime" ? answer.version : "unknown";
  } finally {
    await worker.kill();
  }
}
