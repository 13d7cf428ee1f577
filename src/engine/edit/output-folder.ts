/**
 * A folder that appears whole or not at all: everything is written beside it, verified, and then renamed. Inputs are
 * never touched, and a folder that stands already is replaced only when asked, and only when it is a model's or an
 * adapter's.
 */
import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { lstat, mkdir, open, readdir, realpath, rename, rm, statfs } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { DeltaScopeError } from "../../contract/errors.ts";
import { formatBytes } from "../../contract/format.ts";
import type { Opened } from "../checkpoint/checkpoint.ts";
import { isAbsent, outputError } from "../source/file-errors.ts";
import { quote, quoteSome } from "../source/quote.ts";
import { isWithin } from "../source/within.ts";
import { atExit } from "../workspace/exit.ts";
import { isWrittenName } from "./side-files.ts";

/** Left free on the disk beside what is written: room for the file system's own records. */
const SPARE_BYTES = 16 * 2 ** 20;

export interface OutputQuestion {
  /** Absolute, or seen from the working folder of this process. */
  out: string;
  overwrite: boolean;
  /** Sources that are read: the output may lie neither in nor around them. */
  inputs: readonly Opened[];
}

/** A checked place for an output. */
export interface OutputPlace {
  /** Absolute, its parent's links resolved. */
  folder: string;
  overwrite: boolean;
}

/**
 * Checks a place before any work.
 * @throws DeltaScopeError `output.exists`, `output.unwritable`, `edit.not-possible` for places in or around an input
 */
export async function checkOutput({ out, overwrite, inputs }: OutputQuestion): Promise<OutputPlace> {
  const typed = resolve(out);
  const parent = await realpath(dirname(typed)).catch((thrown: unknown) => {
    throw outputError(thrown, typed);
  });
  const folder = join(parent, basename(typed));
  if (basename(typed) === "" || parent === typed) throw unwritable(typed, "it is the root of the file system");
  const real = await realpath(folder).catch(() => folder);
  for (const input of inputs) for (const place of placesOf(input)) refuseOverlap(typed, real, place);
  await refuseToReplace(folder, typed, overwrite);
  return { folder, overwrite };
}

/** The folder that was opened, and those where its files really lie; of a file typed by name only the file itself. */
function placesOf({ source }: Opened): string[] {
  if (source.single !== undefined) return [source.single.path];
  return [...new Set([source.root, ...source.files.map(({ path }) => dirname(path))])];
}

function refuseOverlap(typed: string, real: string, input: string): void {
  const same = real === input;
  const inside = isWithin(real, input);
  if (!inside && !isWithin(input, real)) return;
  const how = same ? "is" : inside ? "lies inside" : "holds";
  const message = `${quote(typed)} ${how} the input ${quote(input)}; inputs are never changed. Choose another folder.`;
  throw new DeltaScopeError("edit.not-possible", message, typed);
}

async function refuseToReplace(folder: string, typed: string, overwrite: boolean): Promise<void> {
  const facts = await lstat(folder).catch(() => undefined);
  if (facts === undefined) return;
  if (!facts.isDirectory()) throw new DeltaScopeError("output.exists", `${typed} is there and is no folder.`, typed);
  const names = await readdir(folder);
  if (names.length === 0) return;
  if (!overwrite) throw new DeltaScopeError("output.exists", `${typed} exists already.`, typed);
  const foreign = names.filter((name) => !isWrittenName(name));
  if (foreign.length === 0) return;
  const message = `${typed} holds ${quoteSome(foreign, 3)}, which no edit writes; it is not replaced.`;
  throw new DeltaScopeError("output.exists", message, typed);
}

/** @throws DeltaScopeError `workspace.disk-full` when so many bytes do not fit beside `folder` */
export async function requireSpace(folder: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const free = Number(bavail) * Number(bsize);
  if (free >= bytes + SPARE_BYTES) return;
  const need = `${formatBytes(bytes)} are to be written and ${formatBytes(SPARE_BYTES)} to stay free`;
  const message = `${need}, and ${formatBytes(free)} are free on the disk of ${folder}.`;
  throw new DeltaScopeError("workspace.disk-full", message, folder);
}

/**
 * Gives `work` an empty folder beside the output; when it succeeds, that folder takes the output's name. Whatever goes
 * wrong, nothing of it stays.
 * @param bytes that `work` will write
 * @throws DeltaScopeError `workspace.disk-full`, `output.unwritable`, `output.exists`, and what `work` throws
 */
export async function writeFolder<Result>(
  place: OutputPlace,
  bytes: number,
  work: (folder: string) => Promise<Result>,
): Promise<Result> {
  const temporary = beside(place.folder, "part");
  const forget = atExit(() => rmSync(temporary, { recursive: true, force: true }));
  try {
    await requireSpace(dirname(place.folder), bytes);
    await mkdir(temporary);
    const result = await work(temporary);
    await syncFolder(temporary);
    await takeName(temporary, place);
    return result;
  } catch (thrown) {
    throw outputError(thrown, place.folder);
  } finally {
    forget();
    await rm(temporary, { recursive: true, force: true });
  }
}

function beside(folder: string, ending: string): string {
  return join(dirname(folder), `.${basename(folder)}.${process.pid}.${randomBytes(6).toString("hex")}.${ending}`);
}

/** The old folder steps aside until the new one has its name, and comes back where that fails. */
async function takeName(temporary: string, { folder, overwrite }: OutputPlace): Promise<void> {
  await refuseToReplace(folder, folder, overwrite);
  const old = beside(folder, "old");
  const moved = await rename(folder, old).then(
    () => true,
    (thrown: unknown) => {
      if (isAbsent(thrown)) return false;
      throw thrown;
    },
  );
  try {
    await rename(temporary, folder);
  } catch (thrown) {
    if (moved) await rename(old, folder);
    throw thrown;
  }
  if (moved) await rm(old, { recursive: true, force: true });
}

/** Names and sizes reach the disk before the rename does; platforms that cannot open folders do without. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r").catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}

function unwritable(place: string, reason: string): DeltaScopeError {
  return new DeltaScopeError("output.unwritable", `${place} cannot be written: ${reason}.`, place);
}
