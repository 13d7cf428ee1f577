/** The workspace's folder and the space around it; looked at, never changed. */
import { access, constants, readFile, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { DoctorLine } from "../../contract/api.ts";
import { formatBytes } from "../../contract/format.ts";
import { freeBytesAt } from "../source/free-bytes.ts";

/** Results of a large model take tens of megabytes; with less than this free a run may end for want of space. */
const wantedBytes = 1e9;
/** A lock file holds a few hundred bytes. */
const longestLock = 16_384;

export async function checkWorkspace(folder: string): Promise<DoctorLine[]> {
  const check = "Workspace";
  const found = await stat(folder).catch(() => undefined);
  const place = await nearestExisting(folder);
  if (found !== undefined && !found.isDirectory()) {
    return [
      { check, status: "missing", detail: `${folder} is not a folder`, remedy: "Choose another one with --workspace." },
    ];
  }
  if (!(await isWritable(place))) {
    return [
      {
        check,
        status: "missing",
        detail: `${place} cannot be written`,
        remedy: "Choose another folder with --workspace.",
      },
    ];
  }
  if (found === undefined) return [{ check, status: "ok", detail: `${folder}, made when first needed` }];
  return [{ check, status: "ok", detail: await describe(folder) }, ...(await lockLines(folder))];
}

async function describe(folder: string): Promise<string> {
  const database = await stat(join(folder, "workspace.duckdb")).catch(() => undefined);
  return database === undefined ? `${folder}, empty` : `${folder}, database ${formatBytes(database.size)}`;
}

/** Another process at work is nothing bad, but it explains `store.locked`. */
async function lockLines(folder: string): Promise<DoctorLine[]> {
  const text = await readFile(join(folder, "workspace.lock"), "utf8").catch(() => undefined);
  if (text === undefined || text.length > longestLock) return [];
  const holder = /"pid":\s*(\d{1,10})/.exec(text)?.[1];
  if (Number(holder) === process.pid) return [{ check: "Lock", status: "ok", detail: "held by this DeltaScope" }];
  const detail = `in use by process ${holder ?? "of an unknown number"}`;
  return [{ check: "Lock", status: "warning", detail, remedy: "Wait for it, or give this one its own --workspace." }];
}

export async function checkDisk(folder: string): Promise<DoctorLine[]> {
  const free = await freeBytesAt(folder);
  const line = { check: "Disk", detail: `${formatBytes(free)} free for the workspace` };
  if (free >= wantedBytes) return [{ ...line, status: "ok" }];
  return [{ ...line, status: "warning", remedy: "Free some space or choose another folder with --workspace." }];
}

async function nearestExisting(folder: string): Promise<string> {
  let place = folder;
  while (dirname(place) !== place && (await stat(place).catch(() => undefined)) === undefined) place = dirname(place);
  return place;
}

async function isWritable(place: string): Promise<boolean> {
  return access(place, constants.W_OK).then(
    () => true,
    () => false,
  );
}
