/** The identity of a configuration: what changes no weight is left out (trainer/PROTOCOL.md, "Identity"). */
import { createHash } from "node:crypto";
import type { RunConfig } from "../../../contract/domain/training.ts";

/** SHA-256 in hex of the document with sorted keys and numbers as JavaScript writes them (RFC 8785). */
export function configSha({
  run_id: _,
  name: _name,
  tags: _tags,
  log: _log,
  limits: _limits,
  sharding: _sharding,
  ...rest
}: RunConfig): string {
  const { keep: _keep, ...save } = rest.save;
  // The parts of a batch change only rounding.
  const batch = { effective: rest.batch.effective };
  return createHash("sha256")
    .update(canonical({ ...rest, save, batch }))
    .digest("hex");
}

export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const entries = Object.entries(value).filter(([, field]) => field !== undefined);
  const sorted = entries.toSorted(([one], [other]) => (one < other ? -1 : 1));
  return `{${sorted.map(([key, field]) => `${JSON.stringify(key)}:${canonical(field)}`).join(",")}}`;
}
