/** What the role tables of all families share: how a name is taken apart, and how a table is looked up. */
import type { Role } from "../../../contract/domain/checkpoint.ts";
import type { ModelFamily } from "../checkpoint.ts";

type Group = Role["group"];

/** Kind and group of a module by its name inside the layer (or in the model, for modules outside the stack). */
export type RoleTable = Readonly<Record<string, readonly [kind: string, group: Group]>>;

/** The name of a tensor or module in its parts. */
export interface NameParts {
  layer: number | null;
  expert: number | null;
  /** The rest without layer, expert number and `.weight` or `.bias`, e.g. `mlp.experts.gate_proj`. */
  path: string;
  isBias: boolean;
}

/** Modules outside the stack, alike in all families here. */
export const OUTSIDE: RoleTable = {
  embed_tokens: ["embed_tokens", "embedding"],
  lm_head: ["lm_head", "head"],
  norm: ["norm", "norm"],
};

export const ATTENTION: RoleTable = {
  "self_attn.q_proj": ["q_proj", "attention"],
  "self_attn.k_proj": ["k_proj", "attention"],
  "self_attn.v_proj": ["v_proj", "attention"],
  "self_attn.o_proj": ["o_proj", "attention"],
};

export const HEAD_NORMS: RoleTable = {
  "self_attn.q_norm": ["q_norm", "norm"],
  "self_attn.k_norm": ["k_norm", "norm"],
};

export const GATED_MLP: RoleTable = {
  "mlp.gate_proj": ["gate_proj", "mlp"],
  "mlp.up_proj": ["up_proj", "mlp"],
  "mlp.down_proj": ["down_proj", "mlp"],
};

export const LAYER_NORMS: RoleTable = {
  input_layernorm: ["input_layernorm", "norm"],
  post_attention_layernorm: ["post_attention_layernorm", "norm"],
};

/** Experts one by one as files store them, fused as transformers 5 runs them, and the router. */
export const EXPERTS: RoleTable = {
  "mlp.gate": ["router", "router"],
  "mlp.experts.gate_proj": ["gate_proj", "mlp"],
  "mlp.experts.up_proj": ["up_proj", "mlp"],
  "mlp.experts.down_proj": ["down_proj", "mlp"],
  "mlp.experts.gate_up_proj": ["gate_up_proj", "mlp"],
};

export interface FamilyToMake {
  name: string;
  /** Values of `model_type`. */
  types: readonly string[];
  /** Beginnings of architecture class names, for configurations without `model_type`. */
  classes: readonly string[];
  tables: readonly RoleTable[];
}

/** A family that knows its names by a table; names it does not know get their last part as kind and group `other`. */
export function makeFamily({ name, types, classes, tables }: FamilyToMake): ModelFamily {
  const roles = new Map([OUTSIDE, ...tables].flatMap((table) => Object.entries(table)));
  return {
    name,
    matches: (modelType, architecture) =>
      modelType === undefined
        ? classes.some((start) => architecture?.startsWith(start) ?? false)
        : types.includes(modelType),
    role: (tensor) => roleOf(splitName(tensor), roles),
  };
}

function roleOf(parts: NameParts, roles: ReadonlyMap<string, readonly [string, Group]>): Role {
  const { layer, expert, isBias } = parts;
  const [kind, group] = roles.get(parts.path) ?? [lastWord(parts.path), "other" as const];
  return isBias ? { layer, kind: `${kind}.bias`, expert, group: "bias" } : { layer, kind, expert, group };
}

/**
 * Takes `model.layers.3.mlp.experts.7.up_proj.weight` apart. Layers count only in the language model's stack, so that
 * a vision tower's blocks do not join the totals of text layers.
 */
export function splitName(name: string): NameParts {
  const parts = name.split(".");
  const ending = parts.at(-1);
  if (parts.length > 1 && (ending === "weight" || ending === "bias")) parts.pop();
  if (parts[0] === "model") parts.shift();
  const layer = parts[0] === "layers" ? wholeNumber(parts[1]) : null;
  if (layer !== null) parts.splice(0, 2);
  const experts = parts.indexOf("experts");
  const expert = experts === -1 ? null : wholeNumber(parts[experts + 1]);
  if (expert !== null) parts.splice(experts + 1, 1);
  return { layer, expert, path: parts.join("."), isBias: ending === "bias" && parts.length > 0 };
}

/** At most six digits: a longer number is no layer and would not stay exact. */
export function wholeNumber(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,6}$/.test(text) ? Number(text) : null;
}

/** The last part that is a word, as a kind for names that no table knows; `other` when there is none. */
export function lastWord(path: string): string {
  const word = path.split(".").findLast((part) => /^[A-Za-z_]\w{0,63}$/.test(part));
  return word ?? "other";
}
