/** Procedures on the workspace itself: what it is, its settings, and the demo. */
import { stat } from "node:fs/promises";
import { totalmem } from "node:os";
import { basename } from "node:path";
import type { WorkspaceInfo } from "../../contract/domain/settings.ts";
import { DeltaScopeError } from "../../contract/errors.ts";
import { defaultMemoryBytes } from "../analysis/run.ts";
import type { Backend } from "../linalg/backend.ts";
import { programVersion } from "../version.ts";
import { cacheBytes, clearCache } from "../workspace/cache.ts";
import { procedures } from "./base.ts";
import { openDemo } from "./open-demo.ts";
import { checkPython } from "./python-place.ts";
import type { Opened } from "./services.ts";
import { changeSettings, readSettings } from "./settings.ts";

export const workspace = {
  info: procedures.workspace.info.handler(async ({ context }) => infoOf(await context.open(), context.backend())),
  open: procedures.workspace.open.handler(async ({ input, context }) =>
    infoOf(await context.openAs(input), context.backend()),
  ),
  cache: procedures.workspace.cache.handler(async ({ context }) => {
    const { workspace: place } = await context.open();
    return { bytes: await cacheBytes(place.cache) };
  }),
  clearCache: procedures.workspace.clearCache.handler(async ({ context }) => {
    const { workspace: place, queue } = await context.open();
    if (queue.list().some(({ state }) => state === "running")) {
      throw new DeltaScopeError("cache.in-use", "A job is running, which may read from the cache.", place.cache);
    }
    await clearCache(place.cache);
    return { bytes: await cacheBytes(place.cache) };
  }),
  settings: procedures.workspace.settings.handler(async ({ context }) => readSettings(await context.store())),
  configure: procedures.workspace.configure.handler(async ({ input, context }) => {
    if (input.python) await checkPython(context, input.python);
    return changeSettings(await context.store(), input);
  }),
  openDemo: procedures.workspace.openDemo.handler(async ({ context }) => openDemo(await context.open())),
};

async function infoOf(
  { workspace: place, store, copiedAt }: Opened,
  { threads: available }: Backend,
): Promise<WorkspaceInfo> {
  const { threads, memoryBytes } = await readSettings(store);
  return {
    folder: place.folder,
    name: basename(place.folder),
    version: programVersion,
    threads: Math.min(threads ?? available, available),
    memoryBytes: memoryBytes ?? defaultMemoryBytes,
    machine: { threads: available, memoryBytes: totalmem() },
    databaseBytes: (await bytesOf(place.database)) + (await bytesOf(`${place.database}.wal`)),
    // Nothing can be put into a copy, so it is not offered the demo either.
    empty: copiedAt === undefined && (await store.library()).length === 0 && (await store.analyses()).length === 0,
    copy: copiedAt === undefined ? null : { copiedAt },
  };
}

/** 0 for a file that is not there: DuckDB keeps its log only while it needs one. */
async function bytesOf(file: string): Promise<number> {
  return (await stat(file).catch(() => undefined))?.size ?? 0;
}
