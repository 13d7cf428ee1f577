/** Does this adapter belong to this base? What names can tell; weights are checked by others. */
import { basename } from "node:path";
import { type Alert, makeAlert } from "../../contract/alerts.ts";
import type { Checkpoint } from "../checkpoint/checkpoint.ts";

/** Ends of Hub ids that name a quantised copy. */
const QUANTISED_ID =
  /(?:-unsloth)?-(?:bnb-[48]bit|gptq(?:-int[48])?|awq(?:-int4)?|int[48]|fp8(?:-dynamic|-block)?|(?:mx|nv)fp4|quantized\.w\d+a\d+|gguf|[48]bit)$/iu;

/** How messages call a base: its repository, or its folder. */
export function baseName(base: Checkpoint): string {
  return base.source.repository ?? basename(base.source.root);
}

/** Alerts about the base that the adapter's configuration names, which is a hint and never proof. */
export function nameAlerts(named: string | undefined, base: Checkpoint): Alert[] {
  if (named === undefined) return [];
  const known = knownNames(base);
  if (known.has(shortName(named))) return [];
  const original = named.replace(QUANTISED_ID, "");
  if (original === named || (base.quantised ?? base.dequantised) !== undefined) return [otherName(named, base)];
  const alerts = [quantisedTraining(named, base)];
  if (!known.has(shortName(original))) alerts.push(otherName(named, base));
  return alerts;
}

function knownNames(base: Checkpoint): Set<string> {
  const written = base.config?.raw._name_or_path;
  const names = [base.source.repository, base.source.root, base.source.location, written];
  return new Set(names.filter((name) => typeof name === "string").map(shortName));
}

/** The last part of an id or path, in lower case. */
function shortName(name: string): string {
  const parts = name.split(/[/\\]/u).filter((part) => part !== "");
  return (parts.at(-1) ?? "").toLowerCase();
}

function otherName(named: string, base: Checkpoint): Alert {
  const message = `adapter_config.json names ${named} as its base; this one is ${baseName(base)}.`;
  return makeAlert("adapter.base-name-differs", message, "adapter_config.json", "info");
}

function quantisedTraining(named: string, base: Checkpoint): Alert {
  const message = `The adapter was trained on ${named}; ${baseName(base)} is compared in its original precision.`;
  return makeAlert("adapter.quantised-training", message, "adapter_config.json", "info");
}
