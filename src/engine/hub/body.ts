/** Bodies of answers: piece by piece, never more than asked for, and not waited for without end. */
import { HubError } from "./failure.ts";

/** A connection that brings nothing for so long is given up; the next try goes on from there. */
const STALL_MS = 30_000;

/** The body's pieces. @throws DeltaScopeError `hub.unreachable` when nothing comes; what the connection throws */
export async function* piecesOf(response: Response, what: string): AsyncGenerator<Uint8Array, void> {
  const reader = response.body?.getReader();
  if (reader === undefined) return;
  try {
    for (;;) {
      const { done, value } = await inTime(reader.read(), what);
      if (done) return;
      yield value;
    }
  } finally {
    // Also where the reader has had enough: the connection is not kept for what nobody reads.
    await reader.cancel().catch(() => undefined);
  }
}

/** The first `limit` bytes, or all where there are fewer; the rest is not loaded. */
export async function readStart(response: Response, limit: number, what: string): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of piecesOf(response, what)) {
    pieces.push(piece);
    length += piece.length;
    if (length >= limit) break;
  }
  return Buffer.concat(pieces).subarray(0, limit);
}

async function inTime<Result>(work: Promise<Result>, what: string): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new HubError("hub.unreachable", `The Hub stopped sending ${what}.`, what));
    }, STALL_MS);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
