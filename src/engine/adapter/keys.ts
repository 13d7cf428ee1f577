/** From tensor keys to modules and the part each tensor plays. */
import { type Alert, makeAlert } from "../../contract/alerts.ts";
import { DeltaScopeError } from "../../contract/errors.ts";
import type { AdapterPackage, Tensor } from "../checkpoint/checkpoint.ts";
import type { Steps } from "../turns.ts";
import { canonicalModuleName, isBareName, type NamingStyle, namingStyle } from "./naming.ts";

/** Every key that peft loads starts like this. */
export const KEY_PREFIX = "base_model.model.";
const WEIGHTS_FILE = "adapter_model.safetensors";

/** What a tensor is to its module: a factor name of the family, or one of the full tensors. */
export interface ModuleTensor {
  key: string;
  tensor: Tensor;
  /** Canonical module name; fused experts keep their `.base_layer`. */
  module: string;
  /** `lora_A.weight`, `weight`, `base_layer.bias`, …: without the adapter's name. */
  part: string;
}

export interface AdapterKeys {
  style: NamingStyle;
  /** In file order. */
  tensors: ModuleTensor[];
  /** Keys without the prefix: peft ignores them. */
  unprefixed: string[];
  /** The adapter's name where the keys hold it, as raw state dicts do. */
  adapterName: string | undefined;
  alerts: Alert[];
}

export interface KeyRules {
  /** Names of the factors of this family, e.g. `lora_A`. */
  factors: ReadonlySet<string>;
  /**
   * Names of tensors that all modules share: `base_model.<name>`, or `base_model.<name>.<group of modules>`. RandLoRA and
   * raw state dicts hold them once more beside every module.
   */
  shared?: ReadonlySet<string>;
  /** Names behind a factor that belong to it, as `Xd` in `glora_A.Xd`; any other is an adapter's name. */
  isInner?(name: string): boolean;
  /** Whether names without the outer `model.` are right (embedding models). */
  bareNamesAllowed: boolean;
}

/** Parts of a key behind which the module's name ends, whatever the family. */
const MARKERS: ReadonlySet<string> = new Set(["token_adapter", "original_module", "modules_to_save"]);
const FULL_PARTS: ReadonlySet<string> = new Set(["weight", "bias"]);

/** Throws `adapter.keys-unrecognised` when no key is one that peft loads. */
export function* refuseUnknownKeys({ name, tensors }: AdapterPackage): Steps<void> {
  for (const tensor of tensors.values()) {
    if (hasPrefix(tensor)) return;
    yield;
  }
  throw unrecognised(name, [...tensors.values()]);
}

/** Splits every key. Throws `adapter.keys-unrecognised` when peft would load the file and change nothing. */
export function* readKeys(adapter: AdapterPackage, rules: KeyRules): Steps<AdapterKeys> {
  yield* refuseUnknownKeys(adapter);
  const all = [...adapter.tensors.values()];
  const prefixed = all.filter(hasPrefix);
  const splits: SplitKey[] = [];
  for (const tensor of prefixed) {
    yield;
    splits.push(splitKey(tensor, rules));
  }
  const factors = splits.filter(({ part }) => !FULL_PARTS.has(part));
  if (factors.length === 0 && prefixed.some(({ storedName }) => /lora_(?:down|up)/u.test(storedName))) {
    throw unrecognisedKeys(
      `None of the ${all.length} tensors is a factor that peft knows; the names use lora_down and lora_up.`,
    );
  }
  const style = namingStyle(splits.map(({ module }) => module));
  refuseBareNames(splits, style, rules);
  const tensors: ModuleTensor[] = [];
  for (const split of splits) {
    yield;
    tensors.push({ ...split, module: canonicalModuleName(split.module, style) });
  }
  const unprefixed = all.map(({ storedName }) => storedName).filter((name) => !isKnown(name, rules.shared));
  const adapterName = splits.find((split) => split.adapterName !== undefined)?.adapterName;
  return { style, tensors, unprefixed, adapterName, alerts: nameAlerts(splits) };
}

function isKnown(name: string, shared: ReadonlySet<string> | undefined): boolean {
  const [root, first = ""] = name.split(".", 2);
  return name.startsWith(KEY_PREFIX) || (root === "base_model" && (shared?.has(first) ?? false));
}

function hasPrefix(tensor: Tensor): boolean {
  return tensor.storedName.startsWith(KEY_PREFIX);
}

interface SplitKey extends ModuleTensor {
  adapterName: string | undefined;
}

function splitKey(tensor: Tensor, { factors, shared, isInner }: KeyRules): SplitKey {
  const key = tensor.storedName;
  const parts = key.slice(KEY_PREFIX.length).split(".");
  const isPart = (part: string) => factors.has(part) || MARKERS.has(part) || (shared?.has(part) ?? false);
  const marker = parts.findLastIndex(isPart);
  if (marker === -1) return { key, tensor, ...splitFullTensor(parts), adapterName: undefined };
  const module = parts.slice(0, marker).join(".");
  const { part, adapterName } = splitRest(parts.slice(marker), isInner);
  return { key, tensor, module, part, adapterName };
}

/** `X.weight`, `X.bias` and the same behind `base_layer`. */
function splitFullTensor(parts: string[]): { module: string; part: string } {
  const length = parts.at(-2) === "base_layer" ? 2 : 1;
  return { module: parts.slice(0, -length).join("."), part: parts.slice(-length).join(".") };
}

/** `lora_A.default.weight` → `lora_A.weight`; an adapter's name holds no dot. */
function splitRest(rest: string[], isInner: KeyRules["isInner"]): { part: string; adapterName: string | undefined } {
  const [marker = "", ...others] = rest;
  const inner = isInner === undefined ? -1 : others.slice(0, 2).findIndex(isInner);
  if (inner !== -1) return { part: [marker, ...others.slice(inner)].join("."), adapterName: others[inner - 1] };
  if (marker === "token_adapter") return splitTokenRows(others);
  if (marker === "modules_to_save") return { part: others.slice(1).join("."), adapterName: others[0] };
  if (marker === "original_module") return { part: rest.join("."), adapterName: undefined };
  const [first, second] = others;
  if (first === undefined || FULL_PARTS.has(first)) return { part: rest.join("."), adapterName: undefined };
  if (others.length === 1) return { part: marker, adapterName: first };
  if (others.length === 2 && FULL_PARTS.has(second ?? "")) return { part: `${marker}.${second}`, adapterName: first };
  return { part: rest.join("."), adapterName: undefined };
}

function splitTokenRows([name = "", adapterName]: string[]): { part: string; adapterName: string | undefined } {
  return { part: `token_adapter.${name}`, adapterName };
}

function refuseBareNames(splits: readonly SplitKey[], style: NamingStyle, rules: KeyRules): void {
  if (style !== "bare" || rules.bareNamesAllowed) return;
  const example = splits.find(({ module }) => isBareName(module));
  throw unrecognisedKeys(
    `\`${example?.key}\` lacks the outer \`model.\`; peft loads such keys into an embedding model only (task_type FEATURE_EXTRACTION).`,
  );
}

function nameAlerts(splits: readonly SplitKey[]): Alert[] {
  const named = splits.filter(({ adapterName }) => adapterName !== undefined);
  const [first] = named;
  if (first === undefined) return [];
  const message = `${named.length} keys hold the adapter's name "${first.adapterName}", as in \`${first.key}\`.`;
  return [makeAlert("adapter.name-in-keys", message, first.key)];
}

function unrecognised(name: string, tensors: readonly Tensor[]): DeltaScopeError {
  const [first] = tensors;
  if (first === undefined) {
    return unrecognisedKeys(
      `${WEIGHTS_FILE} of adapter "${name}" holds no tensors; if the training run saved partitioned weights, save again after gathering.`,
    );
  }
  return unrecognisedKeys(
    `None of the ${tensors.length} tensors starts with \`${KEY_PREFIX}\`; peft would load this file and change nothing. Keys start with \`${foundPrefix(first.storedName)}\``,
  );
}

/** What stands in front of the prefix, or the first part of the key. */
function foundPrefix(key: string): string {
  const place = key.indexOf(KEY_PREFIX);
  return place > 0 ? key.slice(0, place) : `${key.split(".", 1)[0]}.`;
}

function unrecognisedKeys(message: string): DeltaScopeError {
  return new DeltaScopeError("adapter.keys-unrecognised", message, WEIGHTS_FILE);
}
