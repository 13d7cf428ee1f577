/** Shapes of matrices that a quantised format hides, from the sizes that config.json gives the model. */
import type { Role } from "../../contract/domain/checkpoint.ts";
import { own } from "../source/read-json.ts";
import type { Checkpoint, ModelConfig } from "./checkpoint.ts";
import { textPart } from "./config.ts";

/** Whose heads share the hidden size evenly where the configuration gives them no size of their own. */
const EVEN_HEADS = new Set(["llama", "mistral", "qwen2", "qwen2-moe"]);

/** [out, in] of a module of a known family; undefined where the configuration does not say it. */
export function hiddenShape(
  { config, family }: Pick<Checkpoint, "config" | "family">,
  role: Role,
): [number, number] | undefined {
  if (config === undefined || family.name === "unknown") return undefined;
  const size = sizesOf(config, family.name, role.expert !== null);
  const shapes: Readonly<Record<string, readonly [number | undefined, number | undefined]>> = {
    q_proj: [size.queries, size.hidden],
    k_proj: [size.keys, size.hidden],
    v_proj: [size.keys, size.hidden],
    o_proj: [size.hidden, size.queries],
    gate_proj: [size.intermediate, size.hidden],
    up_proj: [size.intermediate, size.hidden],
    down_proj: [size.hidden, size.intermediate],
    embed_tokens: [config.vocabularySize, size.hidden],
    lm_head: [config.vocabularySize, size.hidden],
  };
  const hasTable = ["attention", "mlp", "embedding", "head"].includes(role.group) && Object.hasOwn(shapes, role.kind);
  const [rows, columns] = (hasTable ? shapes[role.kind] : undefined) ?? [];
  return rows === undefined || columns === undefined ? undefined : [rows, columns];
}

function sizesOf(config: ModelConfig, family: string, isExpert: boolean) {
  const part = textPart(config.raw) ?? config.raw;
  const size = (key: string): number | undefined => {
    const value = own(part, key) ?? own(config.raw, key);
    return Number.isSafeInteger(value) && (value as number) > 0 ? (value as number) : undefined;
  };
  const hidden = config.hiddenSize;
  const heads = size("num_attention_heads");
  const even = hidden !== undefined && heads !== undefined && EVEN_HEADS.has(family) ? hidden / heads : undefined;
  const headSize = size("head_dim") ?? even;
  const times = (count: number | undefined) =>
    count === undefined || headSize === undefined || !Number.isInteger(headSize) ? undefined : count * headSize;
  return {
    hidden,
    queries: times(heads),
    keys: times(size("num_key_value_heads") ?? heads),
    intermediate: size(isExpert ? "moe_intermediate_size" : "intermediate_size"),
  };
}
