/** The runtime that scores models, an optional package. */
import type { DoctorLine } from "../../contract/api.ts";
import { toDeltaScopeError } from "../../contract/errors.ts";
import { scoringRuntime } from "../evaluation/runtime.ts";

export async function checkScoring(): Promise<DoctorLine[]> {
  const check = "Scoring runtime";
  try {
    return [{ check, status: "ok", detail: `onnxruntime-node ${await scoringRuntime()}` }];
  } catch (thrown) {
    const { message, tip } = toDeltaScopeError(thrown).toDocument();
    return [{ check, status: "missing", detail: message, remedy: tip }];
  }
}
