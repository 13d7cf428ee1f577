/** Which folders a caller of another process may name: the user's, the workspace, those named at start, those opened. */
import { realpath } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, dirname, isAbsolute, join, resolve } from "node:path";
import { DeltaScopeError } from "../../contract/errors.ts";
import { isHubAddress } from "../../contract/hub-id.ts";
import { hubIdOf } from "../source/open-source.ts";
import { quote } from "../source/quote.ts";
import { isWithin } from "../source/within.ts";
import type { Store } from "../store/types.ts";

/** What a caller named: checkpoints and adapters, which may be Hub ids, and other files, read or written. */
export interface NamedPlaces {
  sources: readonly string[];
  files: readonly string[];
}

export interface Places {
  /** The first one is where browsing starts. */
  roots(): Promise<string[]>;
  /**
   * Passes for paths inside a root, links resolved, and for sources that are Hub ids.
   * @throws DeltaScopeError `place.not-allowed`
   */
  check(named: NamedPlaces): Promise<void>;
}

/** @param named folders named at start; the user's home folder when there are none */
export function createPlaces(store: Store, workspace: string, named: readonly string[] | undefined): Places {
  const fixed = [...(named && named.length > 0 ? named : [homedir()]), workspace];
  const roots = async (): Promise<string[]> => {
    const opened = (await store.library()).map(({ path }) => path).filter(isAbsolute);
    return Promise.all([...fixed, ...opened].map(resolveLinks));
  };
  return {
    roots,
    async check({ sources, files }) {
      const allowed = await roots();
      // Only what opens a source reads Hub ids; to a file system "hf://../x" is a path like any other.
      const named = await Promise.all(sources.map(async (source) => ((await isId(source)) ? [] : [source])));
      const paths = [...named.flat(), ...files];
      for (const path of paths) await requireWithin(path, allowed);
    },
  };
}

/** `owner/name` is one where no path of that name goes before it. */
async function isId(source: string): Promise<boolean> {
  if (isHubAddress(source)) return true;
  return hubIdOf(source).then(
    (id) => id !== undefined,
    () => false,
  );
}

async function requireWithin(path: string, roots: readonly string[]): Promise<void> {
  const real = await resolveLinks(resolve(path));
  if (roots.some((root) => isWithin(real, root))) return;
  throw new DeltaScopeError("place.not-allowed", `${quote(path)} is outside the folders that may be opened.`, path);
}

/** The real path; of what does not exist, the real path of the nearest folder above it and the rest. */
export async function resolveLinks(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    const above = dirname(path);
    return above === path ? path : join(await resolveLinks(above), basename(path));
  }
}
