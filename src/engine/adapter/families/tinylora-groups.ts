/** Which of TinyLoRA's shared vectors a module uses: its place among all targets, in the order of the running model. */
import { DeltaScopeError } from "../../../contract/errors.ts";
import { invalidConfig } from "../config.ts";
import type { BaseModule } from "../modules.ts";
import { numberSetting } from "./formula-family.ts";
import type { LoraContext } from "./lora-context.ts";
import { isTarget } from "./lora-wrapping.ts";

/** The order in which transformers declares the matrices of a layer, in every family that has them. */
const IN_LAYER = [
  ...["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj"],
  ...["mlp.gate_proj", "mlp.up_proj", "mlp.down_proj"],
];
const LAYER = /^model\.layers\.(?<number>\d{1,6})\.(?<path>[^.]+\.[^.]+)$/u;

interface Order {
  /** Place of every target in the order of the running model. */
  places: ReadonlyMap<string, number>;
  /** A target whose place is not known. */
  stranger: string | undefined;
}

/** Made once for an adapter. */
const orders = new WeakMap<LoraContext, Order>();

/** Share of the vectors that is saved by tying. Throws `adapter.config-invalid`. */
export function tyingOf(config: Record<string, unknown>): number {
  const tying = numberSetting(config, "weight_tying", 0);
  if (tying >= 0 && tying <= 1) return tying;
  throw invalidConfig(`\`weight_tying\` is ${tying}; a number from 0 to 1 is needed.`);
}

/** Number of the vector of a module. Throws `adapter.config-invalid` and `adapter.unsupported`. */
export function groupOf(context: LoraContext, module: BaseModule): number {
  const tying = tyingOf(context.adapter.config);
  const { places, stranger } = orders.get(context) ?? orderOf(context);
  orders.set(context, { places, stranger });
  const groups = Math.max(1, roundHalfEven(places.size * (1 - tying)));
  if (groups === 1) return 0;
  if (stranger !== undefined) throw unknownPlace(stranger);
  const size = Math.max(1, Math.floor(places.size / groups));
  return Math.min(Math.floor((places.get(module.name) ?? 0) / size), groups - 1);
}

function orderOf(context: LoraContext): Order {
  const targets = [...context.modules.values()].filter(
    (module) => module.kind !== "other" && isTarget(context, module),
  );
  const named = targets.map(({ name }) => ({ name, place: placeInModel(name) }));
  named.sort((one, other) => (one.place ?? 0) - (other.place ?? 0));
  const stranger = named.find(({ place }) => place === undefined)?.name;
  return { places: new Map(named.map(({ name }, index) => [name, index])), stranger };
}

/** Increases in the order of the running model; undefined for modules that are not in every family alike. */
function placeInModel(name: string): number | undefined {
  if (name === "model.embed_tokens") return -1;
  if (name === "lm_head") return Number.MAX_SAFE_INTEGER;
  const { number, path = "" } = LAYER.exec(name)?.groups ?? {};
  const place = IN_LAYER.indexOf(path);
  return place === -1 ? undefined : Number(number) * IN_LAYER.length + place;
}

function unknownPlace(name: string): DeltaScopeError {
  const message = `TINYLORA gives its vectors to modules in the order of the running model, where the place of ${name} is not known.`;
  return new DeltaScopeError("adapter.unsupported", message, name);
}

/** As Python rounds. */
function roundHalfEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  if (rest !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}
