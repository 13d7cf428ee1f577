/** The bundled demo checkpoints: a small base with its fine-tunes, copied to where the user can change them. */
import { existsSync } from "node:fs";
import { copyFile, mkdir, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";
import type { DemoCopy } from "../../contract/api.ts";
import { DeltaScopeError } from "../../contract/errors.ts";
import { programFolder } from "../program-folder.ts";
import { outputError } from "../source/file-errors.ts";

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
    await copyMissing(folder);
  } catch (thrown) {
    throw outputError(thrown, folder);
  }
  return { folder, base: join(folder, "base"), tuned: runs.map((label) => ({ label, path: join(folder, label) })) };
}

async function bundledRuns(): Promise<string[]> {
  const names = await readdir(bundledDemo).catch((): string[] => []);
  const runs = order.filter((name) => names.includes(name));
  if (runs.length > 0 && names.includes("base")) return runs;
  throw new DeltaScopeError("source.not-found", `The bundled demo "${basename(bundledDemo)}" is missing.`, bundledDemo);
}

/** File by file under a temporary name, so that a full disk leaves no half of one that the next copy would keep. */
async function copyMissing(folder: string): Promise<void> {
  for (const entry of await readdir(bundledDemo, { recursive: true, withFileTypes: true })) {
    const from = join(entry.parentPath, entry.name);
    const to = join(folder, relative(bundledDemo, from));
    if (entry.isDirectory()) await mkdir(to, { recursive: true });
    else if (entry.isFile() && !existsSync(to)) await copyWhole(from, to);
  }
}

async function copyWhole(from: string, to: string): Promise<void> {
  const temporary = `${to}.${process.pid}.part`;
  try {
    await mkdir(dirname(to), { recursive: true });
    await copyFile(from, temporary);
    await rename(temporary, to);
  } finally {
    await rm(temporary, { force: true });
  }
}
