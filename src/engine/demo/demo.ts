/** The bundled demo checkpoints: a small base with its fine-tunes, copied to where the user can change them. */
import { cp, mkdir, readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import type { DemoCopy } from "../../contract/api.ts";
import { DeltaScopeError, toDeltaScopeError } from "../../contract/errors.ts";
import { programFolder } from "../program-folder.ts";

/** Where the demo lies in a checkout and in the packaged program. */
export const bundledDemo = join(programFolder, "demo");

/** The fine-tunes in the order in which they are shown: full ones first, then by rank. */
const order = ["fft", "fft-hot", "lora-r1", "lora-r4", "lora-r4-hot", "lora-r16", "lora-r64", "dora-r4"];

/**
 * Copies the demo; files that stand in `folder` already are kept.
 * @throws DeltaScopeError `source.not-found` without a bundled demo, `output.unwritable`
 */
export async function copyDemo(folder: string): Promise<DemoCopy> {
  const runs = await bundledRuns();
  try {
    await mkdir(folder, { recursive: true });
    await cp(bundledDemo, folder, { recursive: true, force: false });
  } catch (thrown) {
    const reason = toDeltaScopeError(thrown).message;
    throw new DeltaScopeError("output.unwritable", `The demo cannot be copied to ${folder}: ${reason}`, folder);
  }
  return { folder, base: join(folder, "base"), tuned: runs.map((label) => ({ label, path: join(folder, label) })) };
}

async function bundledRuns(): Promise<string[]> {
  const names = await readdir(bundledDemo).catch((): string[] => []);
  const runs = order.filter((name) => names.includes(name));
  if (runs.length > 0 && names.includes("base")) return runs;
  throw new DeltaScopeError("source.not-found", `The bundled demo "${basename(bundledDemo)}" is missing.`, bundledDemo);
}
