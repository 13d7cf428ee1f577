/** What is appended to a file that another process writes. Looking again and again holds on network drives too. */
import type { FileHandle } from "node:fs/promises";
import { openRegular } from "../source/regular-file.ts";

/** Bytes read at a time. */
const pieceBytes = 64 * 1024;

export interface Tail {
  /** The next piece; undefined where nothing was appended, or the file is not there yet. Never throws. */
  next(): Promise<Uint8Array | undefined>;
  close(): Promise<void>;
}

/** @param from bytes that are known already */
export function openTail(file: string, from: number): Tail {
  const buffer = Buffer.alloc(pieceBytes);
  let place = from;
  let handle: FileHandle | undefined;
  return {
    async next() {
      try {
        handle ??= await openRegular(file);
        const { bytesRead } = await handle.read(buffer, 0, pieceBytes, place);
        place += bytesRead;
        return bytesRead === 0 ? undefined : Buffer.from(buffer.subarray(0, bytesRead));
      } catch {
        return undefined;
      }
    },
    close: async () => handle?.close().catch(() => undefined),
  };
}
