/**
 * One process at a time works in a workspace: a lock file made with O_EXCL says who.
 *
 * A dead holder's lock is removed under a second lock, named after the dead one's token: whoever holds that one looks
 * again before removing, so nobody can remove a lock that a living process has made meanwhile. The second lock is
 * taken over in the same way when its holder died in between.
 */
import { randomBytes } from "node:crypto";
import { closeSync, openSync, readFileSync, renameSync, rmSync, statSync, writeFileSync, writeSync } from "node:fs";
import { hostname } from "node:os";
import { setTimeout } from "node:timers/promises";
import { z } from "zod";
import { DeltaScopeError } from "../../contract/errors.ts";
import { processIsAlive, processStart } from "./process.ts";

/** A lock file holds a few hundred bytes; more is not ours. */
const MAXIMUM_LOCK_BYTES = 16_384;
/** Between making the file and writing it lie microseconds; an unreadable file older than this is a leftover. */
const UNREADABLE_GRACE_MS = 2_000;
/** Taking over takes a few file operations; tries × pause is how long a starting process waits for another one. */
const TRIES = 40;
const PAUSE_MS = 25;

const holder = z.object({
  pid: z.number().int().positive(),
  host: z.string().max(255),
  startedAt: z.string().max(64),
  command: z.string().max(4_096),
  /** Start of the process as the system counts it, so that a reused pid is not taken for the holder. */
  processStart: z.string().max(128).optional(),
  token: z.string().regex(/^[0-9a-f]{32}$/),
});
export type LockHolder = z.infer<typeof holder>;

export interface Lock {
  release(): void;
  /**
   * From now on it counts as held as long as that process of this machine lives, whatever becomes of this one; it is
   * still released from here. Errors of the file system come as they are.
   */
  handTo(pid: number): void;
}

/** Who holds a lock now; undefined where nobody does, or nobody that lives. */
export function lockHolder(file: string): LockHolder | undefined {
  const found = readLock(file);
  return found?.state === "alive" ? found.holder : undefined;
}

/** Takes the lock or throws `store.locked` naming its holder; errors of the file system come as they are. */
export async function takeLock(file: string): Promise<Lock> {
  const me = describeThisProcess();
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    if (makeLockFile(file, me))
      return { release: () => removeOwn(file, me.token), handTo: (pid) => hand(file, me, pid) };
    const found = readLock(file);
    if (found?.state === "alive") throw locked(file, found.holder);
    const removed = found?.state === "dead" && (await removeDead(file, found.token));
    if (!removed) await setTimeout(PAUSE_MS);
  }
  throw locked(file);
}

function describeThisProcess(): LockHolder {
  return {
    pid: process.pid,
    host: hostname().slice(0, 255),
    startedAt: new Date().toISOString(),
    command: process.argv.slice(1).join(" ").slice(0, 4_096),
    processStart: processStart(process.pid),
    token: randomBytes(16).toString("hex"),
  };
}

function makeLockFile(file: string, me: LockHolder): boolean {
  let descriptor: number;
  try {
    descriptor = openSync(file, "wx", 0o644);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
  try {
    writeSync(descriptor, JSON.stringify(me));
    return true;
  } catch (error) {
    rmSync(file, { force: true });
    throw error;
  } finally {
    closeSync(descriptor);
  }
}

type Found = { state: "alive"; holder: LockHolder } | { state: "dead"; token: string } | { state: "unreadable" };

/** Who holds the lock; undefined when the file has just gone. */
function readLock(file: string): Found | undefined {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (!stat) return undefined;
  const read = stat.size <= MAXIMUM_LOCK_BYTES ? parseHolder(file) : undefined;
  if (read) return isAlive(read) ? { state: "alive", holder: read } : { state: "dead", token: read.token };
  if (Date.now() - stat.mtimeMs < UNREADABLE_GRACE_MS) return { state: "unreadable" };
  return { state: "dead", token: `unreadable-${stat.ino}-${Math.trunc(stat.mtimeMs)}` };
}

function parseHolder(file: string): LockHolder | undefined {
  try {
    return holder.safeParse(JSON.parse(readFileSync(file, "utf8"))).data;
  } catch {
    return undefined;
  }
}

/** A process of another machine cannot be asked, so it counts as alive. */
function isAlive({ pid, host, processStart: start }: LockHolder): boolean {
  if (host !== hostname().slice(0, 255)) return true;
  if (!processIsAlive(pid)) return false;
  const now = processStart(pid);
  return start === undefined || now === undefined || now === start;
}

/** False when another living process is taking the dead one's place right now. */
async function removeDead(file: string, token: string): Promise<boolean> {
  let takeover: Lock;
  try {
    takeover = await takeLock(`${file}.${token}`);
  } catch (error) {
    if (error instanceof DeltaScopeError) return false;
    throw error;
  }
  try {
    const found = readLock(file);
    if (found?.state === "dead" && found.token === token) rmSync(file, { force: true });
    return true;
  } finally {
    takeover.release();
  }
}

/** Replaced whole: who looks meanwhile sees the one or the other. */
function hand(file: string, me: LockHolder, pid: number): void {
  if (parseHolder(file)?.token !== me.token) return;
  const beside = `${file}.${me.token}.new`;
  writeFileSync(beside, JSON.stringify({ ...me, pid, processStart: processStart(pid) }));
  renameSync(beside, file);
}

function removeOwn(file: string, token: string): void {
  if (parseHolder(file)?.token === token) rmSync(file, { force: true });
}

function locked(file: string, by?: LockHolder): DeltaScopeError {
  if (!by) return new DeltaScopeError("store.locked", `Another process is just starting with ${file}.`, file);
  const who = `process ${by.pid} on ${by.host} since ${by.startedAt} (${by.command})`;
  const elsewhere = by.host === hostname().slice(0, 255) ? "" : ` If that process is gone, remove ${file}.`;
  return new DeltaScopeError("store.locked", `The workspace is in use by ${who}.${elsewhere}`, file);
}
