/** Reading back what was written: nothing gets its name before it is known to hold what was meant. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { DeltaScopeError } from "../../contract/errors.ts";
import { formatSignificant } from "../../contract/format.ts";
import type { Comparison } from "../linalg/edit-backend.ts";
import type { WrittenFile } from "./report.ts";

/** Float32 holds factors to 6·10⁻⁸ of each entry; a sum of them stays below this. */
export const FLOAT_ERROR = 1e-6;

/** Size and SHA-256 of a file as the disk gives it back. @throws DeltaScopeError `edit.not-verified` */
export async function verifiedHash(path: string, expected: string | undefined): Promise<WrittenFile> {
  const hash = createHash("sha256");
  for await (const piece of createReadStream(path, { highWaterMark: 2 ** 20 })) hash.update(piece);
  const sha256 = hash.digest("hex");
  if (expected !== undefined && sha256 !== expected) {
    const message = `${basename(path)} reads back with other bytes than were written.`;
    throw new DeltaScopeError("edit.not-verified", message, path);
  }
  return { name: basename(path), bytes: (await stat(path)).size, sha256 };
}

/**
 * @param allowed ‖read − meant‖ that rounding explains, beside float32's share of what was meant
 * @throws DeltaScopeError `edit.not-verified`
 */
export function requireVerified(module: string, { error, intended }: Comparison, allowed = 0): void {
  if (error <= FLOAT_ERROR * intended + allowed) return;
  const message = `${module} reads back ${formatSignificant(error, 3)} away from what was meant, whose norm is ${formatSignificant(intended, 3)}.`;
  throw new DeltaScopeError("edit.not-verified", message, module);
}
