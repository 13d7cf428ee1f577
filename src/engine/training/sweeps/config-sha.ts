/** The identity of a configuration: what changes no weight is left out (trainer/PROTOCOL.md, "Identity"). */
import { createHash } from "node:crypto";
import type { RunConfig } from "../../../contract/domain/training.ts";

/** SHA-256 in hex of the document with sorted keys and numbers as JavaScript writes them (RFC 8785). */
export function configSha(config: RunConfig): string {
  return createHash("sha256")
    .update(canonical(identityOf(config)))
    .digest("hex");
}

/** Fields in which two configurations train something else, each with both values: `epochs: 3, now 4`. */
export function differences(before: RunConfig, now: RunConfig): string[] {
  return differencesIn(identityOf(before), identityOf(now), "");
}

function identityOf({
  run_id: _,
  name: _name,
  tags: _tags,
  log: _log,
  limits: _limits,
  sharding: _sharding,
  ...rest
}: RunConfig): object {
  const { keep: _keep, ...save } = rest.save;
  // The parts of a batch change only rounding.
  return { ...rest, save, batch: { effective: rest.batch.effective } };
}

function differencesIn(before: unknown, now: unknown, field: string): string[] {
  if (isRecord(before) && isRecord(now)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(now)]);
    return [...keys].flatMap((key) => differencesIn(before[key], now[key], field === "" ? key : `${field}.${key}`));
  }
  const [one, other] = [canonical(before), canonical(now)];
  return one === other ? [] : [`${field}: ${one}, now ${other}`];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const entries = Object.entries(value).filter(([, field]) => field !== undefined);
  const sorted = entries.toSorted(([one], [other]) => (one < other ? -1 : 1));
  return `{${sorted.map(([key, field]) => `${JSON.stringify(key)}:${canonical(field)}`).join(",")}}`;
}
