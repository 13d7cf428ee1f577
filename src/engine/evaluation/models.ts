/** Opened models of an evaluation, each opened once as long as its files stay as they are. */

import { DeltaScopeError } from "../../contract/errors.ts";
import type { Checkpoint, Opened } from "../checkpoint/checkpoint.ts";
import { open } from "../checkpoint/open.ts";
import { openSource } from "../source/open-source.ts";
import { quote } from "../source/quote.ts";
import type { Source } from "../source/source.ts";

export interface Models {
  /** Reads headers and samples of the weights, for the fingerprint; only a listing where nothing changed since. */
  open(location: string): Promise<Opened>;
  /** The same for a full checkpoint. @throws DeltaScopeError `pairing.base-is-adapter` */
  openFull(location: string): Promise<Checkpoint>;
  /** Says whether files were changed, added or taken away: same text, same files. */
  stamp(location: string): Promise<string>;
}

/** Bases and tuned models of one large audit; an opened checkpoint takes some megabytes. */
const mostKept = 32;

export function createModels(): Models {
  const known = new Map<string, { stamp: string; opened: Promise<Opened> }>();
  const stamp = async (location: string): Promise<string> => stampOf(await openSource(location));
  const openAgain = async (location: string): Promise<Opened> => {
    const now = await stamp(location);
    const found = known.get(location);
    if (found?.stamp === now) return found.opened;
    const opened = open(location);
    known.delete(location);
    known.set(location, { stamp: now, opened });
    opened.catch(() => known.delete(location));
    for (const oldest of known.keys()) if (known.size > mostKept) known.delete(oldest);
    return opened;
  };
  return {
    open: openAgain,
    async openFull(location) {
      const opened = await openAgain(location);
      if (opened.kind === "full") return opened;
      const message = `${quote(location)} is an adapter; a base is a full checkpoint.`;
      throw new DeltaScopeError("pairing.base-is-adapter", message, location);
    },
    stamp,
  };
}

function stampOf({ files }: Source): string {
  return files.map(({ path, size, mtimeNs }) => `${path} ${size} ${mtimeNs}`).join("\n");
}
