/** Whether the files that a session has mapped are still those that were opened. */
import { statSync } from "node:fs";
import { DeltaScopeError } from "../../../contract/errors.ts";
import type { Tensor } from "../../checkpoint/checkpoint.ts";

interface Stamp {
  path: string;
  size: number;
  mtimeNs: bigint;
  inode: bigint | undefined;
}

export interface FileGuard {
  /** The first file that is not what it was, in words; undefined when all are. */
  changed(): { path: string; message: string } | undefined;
  /** Throws `source.changed` when a file is not what it was. */
  verify(): void;
}

/** Takes the stamps. Throws `source.changed` for a file that is not the one whose header was read. */
export function guardFiles(tensors: Iterable<Tensor>): FileGuard {
  const opened = new Map([...tensors].map((tensor) => [tensor.path, tensor]));
  const stamps = [...opened.values()].map(({ path, fileSize: size, mtimeNs }): Stamp => {
    return { path, size, mtimeNs, inode: take(path)?.inode };
  });
  const changed = (): { path: string; message: string } | undefined => {
    for (const stamp of stamps) {
      const message = difference(stamp);
      if (message !== undefined) return { path: stamp.path, message };
    }
    return undefined;
  };
  const verify = (): void => {
    const found = changed();
    if (found)
      throw new DeltaScopeError("source.changed", `${found.message} What was being scored is void.`, found.path);
  };
  verify();
  return { changed, verify };
}

/** The file as it is now; undefined when it is gone. */
function take(path: string): Stamp | undefined {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found && { path, size: Number(found.size), mtimeNs: found.mtimeNs, inode: found.ino };
}

function difference(stamp: Stamp): string | undefined {
  const now = take(stamp.path);
  if (now === undefined) return `${stamp.path} was removed.`;
  if (now.size !== stamp.size) return `${stamp.path} changed: it had ${stamp.size} bytes and has ${now.size}.`;
  if (now.mtimeNs !== stamp.mtimeNs) return `${stamp.path} was written to while it was in use.`;
  return now.inode === stamp.inode ? undefined : `${stamp.path} was replaced by another file.`;
}
