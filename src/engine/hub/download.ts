/** A repository of the Hub into the local cache: only the files that are read, several at a time, told as it goes. */
import { mkdir, statfs } from "node:fs/promises";
import { DeltaScopeError } from "../../contract/errors.ts";
import type { Progress } from "../../contract/progress.ts";
import { ProgressMeter } from "../jobs/progress.ts";
import { createThrottle } from "../jobs/throttle.ts";
import { cacheFoldersOf } from "../source/hub-cache.ts";
import type { HubAccess } from "./access.ts";
import { bytesHere, loadBlob, writeFailure } from "./blob.ts";
import { eachOf } from "./each.ts";
import { type HubFile, type HubRepository, shortName } from "./repository.ts";
import { writeSnapshot } from "./snapshot.ts";
import { findNeeded, namedFiles } from "./stand-in.ts";

export interface Wanted {
  repository: HubRepository;
  files: readonly HubFile[];
  bytes: number;
  /** What is not in the cache yet. */
  missingBytes: number;
}

/** Large files side by side: one connection rarely fills the line, and the store limits each of them. */
const FILES_AT_ONCE = 4;
/** Left free on the disk beside the files. */
const SPARE_BYTES = 64 * 2 ** 20;

/**
 * Which files are needed, and how much of them is missing.
 * @param names of the files; those that opening a model reads when left out
 * @throws DeltaScopeError `hub.*`
 */
export async function planDownload(
  access: HubAccess,
  repository: HubRepository,
  signal: AbortSignal,
  names?: readonly string[],
): Promise<Wanted> {
  const files = await (names === undefined
    ? findNeeded(access, repository, signal)
    : namedFiles(repository, new Set(names)));
  const here = await Promise.all(files.map((file) => bytesHere(repository, file)));
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  return { repository, files, bytes, missingBytes: bytes - here.reduce((sum, one) => sum + one, 0) };
}

/**
 * Loads what is missing, then lets the snapshot appear. What was loaded stays for the next time, whatever happens.
 * @throws DeltaScopeError `hub.disk-full` before anything is loaded, and what `loadBlob` throws
 */
export async function download(
  access: HubAccess,
  { repository, files, missingBytes }: Wanted,
  signal: AbortSignal,
  tell: (progress: Progress) => void,
): Promise<void> {
  await checkSpace(repository, missingBytes);
  const counter = await counterOf(repository, files, tell);
  try {
    await eachOf(files, FILES_AT_ONCE, signal, (file, stop) =>
      loadBlob(access, repository, file, stop, (bytes) => counter.count(file, bytes)),
    );
  } finally {
    counter.end();
  }
  await writeSnapshot(repository, files);
}

async function checkSpace(repository: HubRepository, missingBytes: number): Promise<void> {
  const { root } = cacheFoldersOf(repository);
  try {
    await mkdir(root, { recursive: true });
    const { bavail, bsize } = await statfs(root);
    const free = bavail * bsize;
    if (missingBytes === 0 || free >= missingBytes + SPARE_BYTES) return;
    const message = `${shortName(repository)} needs ${missingBytes} bytes more, ${free} are free at ${root}.`;
    throw new DeltaScopeError("hub.disk-full", message, root);
  } catch (thrown) {
    throw writeFailure(thrown, root);
  }
}

/** How often progress is told; what came last is told also when nothing comes after it. */
const TELL_MS = 150;

interface Counter {
  count(file: HubFile, bytes: number): void;
  /** Tells what waits, and nothing after it. */
  end(): void;
}

/** Sums over all files what each says of itself. What was here before counts as done, but not in the rate. */
async function counterOf(
  repository: HubRepository,
  files: readonly HubFile[],
  tell: (progress: Progress) => void,
): Promise<Counter> {
  const here = await Promise.all(files.map((file) => bytesHere(repository, file)));
  const before = new Map(files.map((file, index) => [file, here[index] ?? 0]));
  const total = files.reduce((sum, { size }) => sum + size, 0);
  const known = [...before.values()].reduce((sum, bytes) => sum + bytes, 0);
  const meter = new ProgressMeter({ phase: "download", unit: "bytes", total, cost: total - known });
  const waiting = { bytes: known, cost: 0, item: undefined as string | undefined };
  const throttle = createThrottle(TELL_MS, () => {
    const progress = meter.advance(waiting.bytes, waiting.cost, waiting.item);
    Object.assign(waiting, { bytes: 0, cost: 0 });
    if (progress) tell(progress);
  });
  throttle.now();
  return {
    count(file, bytes) {
      const fresh = bytes - (before.get(file) ?? 0);
      // A part that is hashed again is not loaded again.
      if (fresh <= 0) return;
      before.set(file, bytes);
      Object.assign(waiting, { bytes: waiting.bytes + fresh, cost: waiting.cost + fresh, item: file.name });
      throttle.soon();
    },
    end: throttle.now,
  };
}
