/** The door: an adapter's two files become settings, or stated deltas over a base. */
import type { AdapterSummary } from "../../contract/domain/adapter.ts";
import type { AdapterPackage, Checkpoint } from "../checkpoint/checkpoint.ts";
import { invalidConfig, showValue } from "./config.ts";
import { lora } from "./families/lora.ts";
import { refusalOf } from "./families/refused.ts";
import type { AdapterFamily, AdapterReading } from "./family.ts";

/** Every family that is read; a new one is one more file and one more entry. */
const FAMILIES: readonly AdapterFamily[] = [lora];

/** Settings only, for `inspect`. Throws the refusals that the configuration alone decides. */
export function summarizeAdapter(adapter: AdapterPackage): AdapterSummary {
  return familyOf(adapter).summarize(adapter);
}

/** What the adapter does to the base: no weights are read. Throws the first refusal in the order config, keys, shapes. */
export function readAdapter(adapter: AdapterPackage, base: Checkpoint): AdapterReading {
  return familyOf(adapter).read(adapter, base);
}

function familyOf(adapter: AdapterPackage): AdapterFamily {
  const written = Object.hasOwn(adapter.config, "peft_type") ? adapter.config.peft_type : undefined;
  if (typeof written !== "string") {
    throw invalidConfig(`\`peft_type\` is ${showValue(written)}; the name of a peft method is needed.`);
  }
  const family = FAMILIES.find(({ types }) => types.includes(written));
  if (family === undefined) throw refusalOf(written);
  return family;
}
