/** The native addon, loaded once. Everything outside this folder reaches it through the functions beside this file. */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import type * as Addon from "../../../native/addon.d.ts";
import { DeltaScopeError, thrownMessage } from "../../contract/errors.ts";
import { programFolder } from "../program-folder.ts";
import { thrownToError } from "./failure.ts";

const file = join(programFolder, "native", "deltascope.node");
let loaded: typeof Addon | undefined;
let shared: Addon.Pool | undefined;

/** @throws DeltaScopeError `native.missing` when the addon was not built or does not fit this machine. */
export function addon(): typeof Addon {
  loaded ??= load();
  return loaded;
}

function load(): typeof Addon {
  if (!existsSync(file)) throw new DeltaScopeError("native.missing", "The native addon was not built yet.", file);
  try {
    return createRequire(import.meta.url)(file) as typeof Addon;
  } catch (error) {
    const reason = thrownMessage(error);
    throw new DeltaScopeError("native.missing", `The native addon cannot be loaded: ${reason}`, file);
  }
}

/** The pool for short reads (headers, fingerprints) that no setting of a user limits. */
export function sharedPool(): Addon.Pool {
  shared ??= new (addon().Pool)(availableParallelism());
  return shared;
}

/** A cancelled call may take this long to its next check of the flag; after that nobody waits for it. */
const graceMilliseconds = 300;

/**
 * Runs a call with an AbortSignal turned into the addon's flag; failures become errors of the contract. A single large
 * decomposition cannot be interrupted: it ends on its own threads, and its answer is dropped.
 */
export async function callNative<T>(
  signal: AbortSignal | undefined,
  call: (flag: Addon.CancelFlag) => Promise<T>,
): Promise<T> {
  const flag = new (addon().CancelFlag)();
  if (signal?.aborted) throw new DeltaScopeError("job.cancelled", "The work was cancelled.");
  const abandoned = Promise.withResolvers<never>();
  let timer: NodeJS.Timeout | undefined;
  const cancel = (): void => {
    flag.cancel();
    timer = setTimeout(() => {
      abandoned.reject(new DeltaScopeError("job.cancelled", "The work was cancelled."));
    }, graceMilliseconds);
  };
  signal?.addEventListener("abort", cancel, { once: true });
  try {
    return await Promise.race([call(flag), abandoned.promise]);
  } catch (thrown) {
    throw thrownToError(thrown);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", cancel);
  }
}
