/** The Python that can train, for tests that hold the product against the real libraries; without one they are skipped. */
import { findPython } from "../../tools/find-python.mjs";

const found = findPython(["torch", "transformers", "peft", "accelerate", "pydantic", "pyarrow", "psutil"]);

export const hasPython = found !== undefined;
/** Not to be run where there is none. */
export const python = found ?? "python3";
export const noPython = "No Python with the trainer's packages; set DELTASCOPE_PYTHON.";
