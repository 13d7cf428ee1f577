/** Whether the files that a session has mapped are still those that were opened. */
import { statSync } from "node:fs";
import { DeltaScopeError } from "../../../contract/errors.ts";
import type { Tensor } from "../../checkpoint/checkpoint.ts";

interface Stamp {
  path: string;
  size: number;
  mtimeNs: bigint;
  inode: bigint;
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
  const stamps = [...opened.values()].map((tensor) => ({ ...take(tensor.path), ...fromHeader(tensor) }));
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

function fromHeader({ fileSize, mtimeNs }: Tensor): Pick<Stamp, "size" | "mtimeNs"> {
  return { size: fileSize, mtimeNs };
}

function take(path: string): Stamp {
  const { size, mtimeNs, ino } = statSync(path, { bigint: true });
  return { path, size: Number(size), mtimeNs, inode: ino };
}

function difference(stamp: Stamp): string | undefined {
  const now = takeIfPresent(stamp.path);
  if (now === undefined) return `${stamp.path} was removed.`;
  if (now.size !== stamp.size) return `${stamp.path} changed: it had ${stamp.size} bytes and has ${now.size}.`;
  if (now.mtimeNs !== stamp.mtimeNs) return `${stamp.path} was written to while it was in use.`;
  return now.inode === stamp.inode ? undefined : `${stamp.path} was replaced by another file.`;
}

function takeIfPresent(path: string): Stamp | undefined {
  try {
    return take(path);
  } catch {
    return undefined;
  }
}
