/**
 * Makes the managed environment with uv from the pinned requirements: beside the old one, tried, then put in its place.
 * A Python that the user named is never touched.
 */
import { createHash } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { PrepareEvent } from "../../../contract/domain/training.ts";
import { DeltaScopeError, toDeltaScopeError } from "../../../contract/errors.ts";
import { formatBytes } from "../../../contract/format.ts";
import { createEventQueue } from "../../jobs/event-queue.ts";
import { outputError } from "../../source/file-errors.ts";
import { freeBytesAt } from "../../source/free-bytes.ts";
import { quote } from "../../source/quote.ts";
import { type Lock, lockHolder, takeLock } from "../../workspace/lock.ts";
import { askProgram, lastWords } from "../ask-program.ts";
import { listCards } from "../devices.ts";
import { trainerFolder } from "../process-variables.ts";
import { findEnvironment } from "./find.ts";
import { identify, isRecent, pythonsOnPath } from "./interpreters.ts";
import { managedFolder, pythonIn } from "./managed-folder.ts";
import { askProbe, type Probe } from "./probe.ts";
import { installedBytes, requirementsFile } from "./requirements.ts";
import { findUv, type Uv, uvVariables } from "./uv.ts";

export interface PrepareOptions {
  /** Where the environment goes; the managed folder when left out. */
  folder?: string | undefined;
  /** Pinned requirements with hashes. */
  requirements?: string | undefined;
  environment?: NodeJS.ProcessEnv | undefined;
  /** Where answers of Pythons are remembered. */
  cache?: string | undefined;
  /** Bytes that must be free. */
  needed?: number | undefined;
  signal?: AbortSignal | undefined;
}

/** Six gigabytes over a slow line. */
const patience = 4 * 3_600_000;
/** The oldest Python that the pinned packages support, and the one that uv may fetch where none is found. */
const pinnedFor = [3, 11] as const;

/**
 * Progress lines of uv, then the environment that is in use now.
 * @throws DeltaScopeError `workspace.disk-full`, `python.uv-missing`, `python.install-failed`, `job.cancelled`
 */
export async function* prepareEnvironment(options: PrepareOptions = {}): AsyncGenerator<PrepareEvent, void> {
  const queue = createEventQueue<PrepareEvent>(() => {});
  const leaving = new AbortController();
  const signal = AbortSignal.any([leaving.signal, ...(options.signal ? [options.signal] : [])]);
  const work = prepare({ ...options, signal }, (event) => queue.push([event])).finally(queue.close);
  // A failure is thrown below, after the lines that led to it.
  work.catch(() => {});
  try {
    yield* queue.items;
    await work;
  } finally {
    leaving.abort();
  }
  const { environment, cache } = options;
  yield { type: "finished", environment: await findEnvironment({ environment, folder: cache, refresh: true }) };
}

type Report = (event: PrepareEvent) => void;

async function prepare(options: PrepareOptions, report: Report): Promise<void> {
  const { folder = managedFolder(), environment = process.env, needed = installedBytes(), signal } = options;
  const say = (step: "space" | "python" | "packages" | "probe") => (line: string) =>
    report({ type: "progress", step, line });
  const fresh = `${folder}.new`;
  await requireSpace(folder, needed, say("space"));
  const uv = await findUv(environment);
  const requirements = options.requirements ?? (await requirementsOfMachine());
  const lock = await takePlace(folder);
  try {
    await rm(fresh, { recursive: true, force: true });
    const run = uvRunner(uv, environment, signal);
    await run(["venv", "--relocatable", "--python", await basePython(environment), fresh], say("python"));
    const install = ["pip", "install", "--python", pythonIn(fresh), "--require-hashes", "-r", requirements];
    await run(install, say("packages"));
    say("probe")("Trying the new environment");
    const probe = await requireProbe(pythonIn(fresh), signal);
    await writeFile(join(fresh, "env.json"), await recordOf(requirements, probe));
    await putInPlace(fresh, folder);
  } finally {
    await rm(fresh, { recursive: true, force: true });
    lock.release();
  }
}

/** Two at once, of this process or of several, would remove each other's work. */
async function takePlace(folder: string): Promise<Lock> {
  const file = `${folder}.lock`;
  try {
    return await takeLock(file);
  } catch (thrown) {
    if (toDeltaScopeError(thrown).code !== "store.locked") throw outputError(thrown, file);
    const holder = lockHolder(file);
    const who = holder === undefined ? "another process" : `process ${holder.pid} on ${holder.host}`;
    const message = `The environment at ${folder} is being made by ${who}; it can be used when that has ended.`;
    throw new DeltaScopeError("python.install-failed", message, file);
  }
}

/** What the managed environment would take, and what there is. */
export async function spaceForManaged(): Promise<{ folder: string; free: number; needed: number }> {
  const folder = dirname(managedFolder());
  return { folder, free: await freeBytesAt(folder), needed: installedBytes() };
}

async function requireSpace(folder: string, needed: number, say: (line: string) => void): Promise<void> {
  const place = dirname(folder);
  await mkdir(place, { recursive: true });
  const free = await freeBytesAt(place);
  if (free < needed) {
    const message = `The packages take ${formatBytes(needed)}, but ${place} has ${formatBytes(free)} free.`;
    throw new DeltaScopeError("workspace.disk-full", message, place);
  }
  say(`${formatBytes(free)} free in ${place}, ${formatBytes(needed)} needed`);
}

async function requirementsOfMachine(): Promise<string> {
  const nvidia = (await listCards()).some(({ kind }) => kind === "cuda");
  return join(trainerFolder, requirementsFile({ nvidia }));
}

/** A full path: a shim of a version manager may refuse to run. Where there is none, uv may fetch one. */
async function basePython(environment: NodeJS.ProcessEnv): Promise<string> {
  for (const python of pythonsOnPath(environment)) {
    const found = await identify({ python, origin: "path" });
    if (found && isRecent(found.version, pinnedFor)) return python;
  }
  return pinnedFor.join(".");
}

type Run = (words: readonly string[], say: (line: string) => void) => Promise<void>;

function uvRunner({ program, words: first }: Uv, environment: NodeJS.ProcessEnv, signal: AbortSignal | undefined): Run {
  return async (words, say) => {
    const answer = await askProgram({
      ...{ program, words: [...first, ...words], patience, signal, onLine: say },
      environment: uvVariables(environment),
    });
    signal?.throwIfAborted();
    if (answer.code === 0) return;
    const reason = lastWords(answer.complaint) || `exit code ${answer.code}`;
    const message = `uv ${words[0]} failed: ${quote(reason)}`;
    throw new DeltaScopeError("python.install-failed", message, words.at(-1));
  };
}

async function requireProbe(python: string, signal: AbortSignal | undefined): Promise<Probe> {
  const { probe, complaint } = await askProbe(python, signal);
  signal?.throwIfAborted();
  const reason = probe === undefined ? complaint : probe.problems.map(({ message }) => message).join("; ");
  if (probe !== undefined && reason === "") return probe;
  throw new DeltaScopeError("python.install-failed", `The new environment cannot train: ${reason}`, python);
}

async function recordOf(requirements: string, { versions, python, devices }: Probe): Promise<string> {
  const lock = createHash("sha256")
    .update(await readFile(requirements))
    .digest("hex");
  return `${JSON.stringify({ schema: 1, lock, python, versions, devices }, undefined, 2)}\n`;
}

/** The old one stays until the new one stands. */
async function putInPlace(fresh: string, folder: string): Promise<void> {
  const old = `${folder}.old`;
  await rm(old, { recursive: true, force: true });
  const had = await rename(folder, old).then(
    () => true,
    () => false,
  );
  try {
    await rename(fresh, folder);
  } catch (thrown) {
    if (had) await rename(old, folder);
    throw thrown;
  }
  await rm(old, { recursive: true, force: true });
}
