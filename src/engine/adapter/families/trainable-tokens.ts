/** Trainable tokens as a family of its own: new rows of embeddings and heads at `token_indices`. */
import { z } from "zod";
import { DeltaScopeError } from "../../../contract/errors.ts";
import { invalidConfig, showValue } from "../config.ts";
import { familyWith } from "./formula-family.ts";
import { type LoraContext, type TokenRows, takeTensor } from "./lora-context.ts";
import { isWrapped } from "./lora-wrapping.ts";

const PART = "trainable_tokens_delta";
const EMBEDDING = "model.embed_tokens";
const HEAD = "lm_head";

const indexList = z.array(z.int().min(0));

export const trainableTokens = familyWith(
  {
    type: "TRAINABLE_TOKENS",
    factors: [PART],
    needsBase: true,
    defaults: { targets: ["embed_tokens"] },
    formula: "1",
    check: (config) => {
      indicesOf(config);
    },
  },
  { state: () => ({}), bias: () => undefined, tokenRows },
);

function indicesOf(config: Record<string, unknown>): number[] {
  const value = Object.hasOwn(config, "token_indices") ? config.token_indices : [];
  const parsed = indexList.safeParse(value);
  if (parsed.success && new Set(parsed.data).size === parsed.data.length) return parsed.data;
  throw invalidConfig(`\`token_indices\` is ${showValue(value)}; a list of different token numbers is needed.`);
}

function tokenRows(context: LoraContext): Map<string, TokenRows> {
  const indices = indicesOf(context.adapter.config);
  const plan = new Map<string, TokenRows>();
  for (const module of context.modules.values()) {
    if (!isWrapped(context, module)) continue;
    if (module.kind !== "embedding" && module.name !== HEAD) {
      const message = `TRAINABLE_TOKENS on ${module.name} is not supported: it is no embedding and no output head.`;
      throw new DeltaScopeError("adapter.unsupported", message, module.name);
    }
    if (indices.length > 0) plan.set(module.name, { owner: module.name, indices });
  }
  if (context.base.tiedHead && plan.has(EMBEDDING)) shareRows(context, plan, indices);
  return plan;
}

/** Tied sides hold the same rows; both are in the file, and the head's are loaded last. */
function shareRows(context: LoraContext, plan: Map<string, TokenRows>, indices: number[]): void {
  const owner = takeTensor(context, HEAD, PART) === undefined ? EMBEDDING : HEAD;
  takeTensor(context, EMBEDDING, PART);
  for (const name of [EMBEDDING, HEAD]) plan.set(name, { owner, indices });
}
