/** Embedding and head that share one matrix: what merging would do differently. */
import { makeAlert } from "../../../contract/alerts.ts";
import type { LoraContext, TokenRows } from "./lora-context.ts";
import { isSaved } from "./lora-full.ts";
import { haveDifferentLists } from "./lora-tokens.ts";
import { isReplaced, isWrapped } from "./lora-wrapping.ts";

const EMBEDDING = "model.embed_tokens";
const HEAD = "lm_head";

/** Alerts whenever merging would write something else than the running model computes, or would untie the two. */
export function alertTied(context: LoraContext, tokens: ReadonlyMap<string, TokenRows>): void {
  const change = context.base.tiedHead ? mergedChange(context, tokens) : undefined;
  if (change === undefined) return;
  const message = `Embedding and head share one matrix. The numbers show what the running model computes; merging this adapter would ${change}.`;
  context.alerts.push(makeAlert("adapter.tied-embeddings", message, EMBEDDING));
}

function mergedChange(context: LoraContext, tokens: ReadonlyMap<string, TokenRows>): string | undefined {
  const sides = [EMBEDDING, HEAD].map((name) => context.modules.get(name)).filter((module) => module !== undefined);
  const adapted = sides.filter((module) => isWrapped(context, module)).length;
  if (adapted > 0 && context.rules.tokenRows === undefined)
    return changeByLora(context.config.ensure_weight_tying, adapted);
  const saved = sides.filter((module) => isSaved(context, module) || isReplaced(context, module)).length;
  if (saved > 0) return context.config.ensure_weight_tying ? undefined : "untie them";
  const sharesRows = tokens.has(EMBEDDING) || tokens.has(HEAD);
  return sharesRows && haveDifferentLists(tokens) ? "write the rows of each side on both" : undefined;
}

function changeByLora(tied: boolean, sides: number): string {
  if (tied) return "add the delta twice on both sides";
  return sides === 2 ? "add both deltas on both sides" : "change both sides";
}
