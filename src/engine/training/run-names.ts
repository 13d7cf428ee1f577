/** Ids of runs and sweeps: they stand in addresses and name folders. */
import { randomBytes } from "node:crypto";

const longest = 60;

/** The name in plain letters with something that is never the same twice. */
export function freshId(name: string, otherwise: string): string {
  const plain = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, longest)
    .replace(/^-|-$/g, "");
  return `${plain || otherwise}-${randomBytes(3).toString("hex")}`;
}
