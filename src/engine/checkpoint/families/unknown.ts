/** Architectures without a table: layers and kinds are guessed from the names, so that they are still analysed. */
import type { Role } from "../../../contract/domain/checkpoint.ts";
import type { ModelFamily } from "../checkpoint.ts";
import { ATTENTION, EXPERTS, GATED_MLP, lastWord, splitName, wholeNumber } from "./decoder.ts";

/** Words that mean the same wherever they stand. */
const WORDS = new Map<string, readonly [string, Role["group"]]>([
  ...[ATTENTION, EXPERTS, GATED_MLP].flatMap((table) =>
    Object.entries(table)
      .filter(([path]) => path !== "mlp.gate")
      .map(([path, role]) => [lastWord(path), role] as const),
  ),
  ["qkv_proj", ["qkv_proj", "attention"]],
  ["embed_tokens", ["embed_tokens", "embedding"]],
  ["wte", ["embed_tokens", "embedding"]],
  ["lm_head", ["lm_head", "head"]],
]);

export const unknown: ModelFamily = { name: "unknown", matches: () => true, role: guessRole };

function guessRole(name: string): Role {
  const { layer, expert, path, isBias } = splitName(name);
  const word = lastWord(path);
  const [kind, group] = WORDS.get(word) ?? [word, isNorm(word) ? ("norm" as const) : ("other" as const)];
  const place = { layer: layer ?? guessLayer(path), expert };
  return isBias ? { ...place, kind: `${kind}.bias`, group: "bias" } : { ...place, kind, group };
}

function isNorm(word: string): boolean {
  return word.endsWith("norm") || /^ln_\w{1,2}$/.test(word);
}

/** The first number between dots: `h.3.attn.c_attn`, `blocks.3.…`. */
function guessLayer(path: string): number | null {
  const parts = path.split(".");
  const number = parts.find((part, index) => index > 0 && index < parts.length - 1 && wholeNumber(part) !== null);
  return wholeNumber(number);
}
