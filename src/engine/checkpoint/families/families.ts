/** All families, asked in order; the last one takes everything. */
import type { ModelConfig, ModelFamily } from "../checkpoint.ts";
import { gemma } from "./gemma.ts";
import { llama } from "./llama.ts";
import { mistral } from "./mistral.ts";
import { phi } from "./phi.ts";
import { qwen2 } from "./qwen2.ts";
import { qwen2Moe } from "./qwen2-moe.ts";
import { qwen3 } from "./qwen3.ts";
import { qwen3Moe } from "./qwen3-moe.ts";
import { unknown } from "./unknown.ts";

const FAMILIES: readonly ModelFamily[] = [qwen2, qwen3, qwen2Moe, qwen3Moe, llama, mistral, gemma, phi];

/** The family of a configuration; `unknown` when no table describes it. */
export function familyOf(config: Pick<ModelConfig, "architecture" | "modelType"> | undefined): ModelFamily {
  return FAMILIES.find((family) => family.matches(config?.modelType, config?.architecture)) ?? unknown;
}
