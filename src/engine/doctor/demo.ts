/** The bundled demo checkpoints. */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { DoctorLine } from "../../contract/api.ts";
import { bundledDemo } from "../demo/demo.ts";

export async function checkDemo(): Promise<DoctorLine[]> {
  const base = await stat(join(bundledDemo, "base", "model.safetensors")).catch(() => undefined);
  if (base !== undefined) return [{ check: "Demo", status: "ok", detail: bundledDemo }];
  const remedy = "Restore the folder `demo` from the repository; only `deltascope demo` needs it.";
  return [{ check: "Demo", status: "warning", detail: `${bundledDemo} is not complete`, remedy }];
}
