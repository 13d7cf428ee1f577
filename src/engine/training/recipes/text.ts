/** A recipe as YAML, ready to be saved. */
import { stringify } from "yaml";
import type { JsonObject } from "../../source/read-json.ts";

/** What people read first stands first. */
const first = ["title", "preset", "name", "base", "data", "method", "lora"];

export function recipeText(values: JsonObject): string {
  const rank = (name: string): number => (first.includes(name) ? first.indexOf(name) : first.length);
  const entries = Object.entries(values).sort(([a], [b]) => rank(a) - rank(b));
  return stringify(Object.fromEntries(entries), { schema: "core", lineWidth: 100, aliasDuplicateObjects: false });
}
