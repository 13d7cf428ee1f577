/** `layer_replication`: a new stack of layers made of copies of the base's. */
import { type Alert, makeAlert } from "../../../contract/alerts.ts";
import { MATRICES_MAXIMUM } from "../../checkpoint/experts.ts";
import type { Steps } from "../../turns.ts";
import { invalidConfig, type LoraConfig, showValue } from "../config.ts";
import type { BaseModule } from "../modules.ts";

/** Longest stack that is built; published "self-merges" stay below 300 layers. */
export const STACK_LAYERS_MAXIMUM = 4096;
/** Ranges that a message lists. */
const LISTED_RANGES = 8;

const IN_LAYER = /^(?<before>(?:model\.)?layers\.)(?<layer>\d+)(?<after>\..*)$/u;

/** The modules of the new stack: every new layer has the weights of the base layer it copies. */
export function* replicateModules(
  modules: ReadonlyMap<string, BaseModule>,
  config: LoraConfig,
): Steps<ReadonlyMap<string, BaseModule>> {
  const ranges = config.layer_replication;
  if (ranges === undefined) return modules;
  const copies = newLayersByBase(stackOf(ranges, layerCount(modules)));
  const replicated = new Map<string, BaseModule>();
  for (const module of modules.values()) {
    yield;
    for (const copy of copiesOf(module, copies)) replicated.set(copy.name, copy);
    if (replicated.size > MATRICES_MAXIMUM) {
      throw invalidConfig(`\`layer_replication\` makes more than ${MATRICES_MAXIMUM} modules.`);
    }
  }
  return replicated;
}

/** Says that several new layers share one base layer. */
export function replicationAlert(config: LoraConfig): Alert[] {
  const ranges = config.layer_replication;
  if (ranges === undefined) return [];
  const layers = ranges.reduce((sum, [from, to]) => sum + to - from, 0);
  const shown = ranges.slice(0, LISTED_RANGES).map(([from, to]) => `${from}–${to - 1}`);
  const more = ranges.length > shown.length ? ` and ${ranges.length - shown.length} more ranges` : "";
  const message = `The adapter was trained on a stack of ${layers} layers made of the base's layers ${shown.join(", ")}${more}; each new layer is shown against the one it copies. Merging in peft adds the deltas of all copies to the shared layer.`;
  return [makeAlert("adapter.layer-replication", message, "adapter_config.json")];
}

/** Base layer of each new layer. */
function stackOf(ranges: readonly [number, number][], layers: number): number[] {
  const stack: number[] = [];
  for (const [from, to] of ranges) {
    if (from >= to || to > layers) {
      throw invalidConfig(`\`layer_replication\` holds ${showValue([from, to])}, but the base has ${layers} layers.`);
    }
    if (stack.length + to - from > STACK_LAYERS_MAXIMUM) {
      throw invalidConfig(`\`layer_replication\` makes a stack of more than ${STACK_LAYERS_MAXIMUM} layers.`);
    }
    for (let layer = from; layer < to; layer++) stack.push(layer);
  }
  return stack;
}

function newLayersByBase(stack: readonly number[]): Map<number, number[]> {
  const copies = new Map<number, number[]>();
  for (const [position, layer] of stack.entries()) {
    const positions = copies.get(layer) ?? [];
    positions.push(position);
    copies.set(layer, positions);
  }
  return copies;
}

function copiesOf(module: BaseModule, copies: ReadonlyMap<number, number[]>): BaseModule[] {
  const place = IN_LAYER.exec(module.name)?.groups;
  if (place === undefined) return [module];
  const positions = copies.get(Number(place.layer)) ?? [];
  return positions.map((layer) => ({
    ...module,
    name: `${place.before}${layer}${place.after}`,
    wrapped: module.wrapped.replace(`layers.${place.layer}.`, `layers.${layer}.`),
    role: { ...module.role, layer },
  }));
}

function layerCount(modules: ReadonlyMap<string, BaseModule>): number {
  const layers = [...modules.values()].map(({ role }) => role.layer ?? -1);
  return layers.reduce((most, layer) => Math.max(most, layer), -1) + 1;
}
