/** Rank and alpha of one module: the first pattern in file order wins (adapters.md section 4). */
import { DeltaScopeError } from "../../contract/errors.ts";
import { type LoraConfig, showValue } from "./config.ts";
import { compilePattern } from "./pattern.ts";

/** A pattern that is a plain name: letters, digits, `_`, `-`, and dots, which stand for any character. */
const PLAIN_NAME = /^[\w.-]+$/u;

export interface RankAndAlpha {
  rank: number;
  alpha: number;
  /** alpha / r, or alpha / √r with rsLoRA. */
  scale: number;
}

/** Rank, alpha and scale by the name in the wrapped model. Throws `adapter.config-invalid` for a pattern it cannot read. */
export function makeRankAndAlpha(config: LoraConfig): (wrapped: string) => RankAndAlpha {
  const ranks = makeLookup("rank_pattern", config.rankPattern);
  const alphas = makeLookup("alpha_pattern", config.alphaPattern);
  return (wrapped) => {
    const rank = ranks(wrapped) ?? config.r;
    const alpha = alphas(wrapped) ?? config.lora_alpha;
    return { rank, alpha, scale: alpha / (config.use_rslora ? Math.sqrt(rank) : rank) };
  };
}

function makeLookup(key: string, entries: readonly [string, number][]): (name: string) => number | undefined {
  const matchers = entries.map(([pattern, value]) => ({ matches: makeMatcher(key, pattern), value }));
  return (name) => matchers.find(({ matches }) => matches(name))?.value;
}

/** `re.match("^(.*\.)?(KEY)$", name)`. */
function makeMatcher(key: string, pattern: string): (name: string) => boolean {
  if (PLAIN_NAME.test(pattern)) return (name) => endsWithPlain(name, pattern);
  const compiled = compilePattern(`^(.*\\.)?(${pattern})$`);
  if (compiled !== undefined) return (name) => compiled.matchesStart(name);
  throw new DeltaScopeError(
    "adapter.config-invalid",
    `adapter_config.json: the pattern ${showValue(pattern)} of \`${key}\` cannot be matched without look-around or back-references, and the tensors do not tell rank and alpha.`,
    "adapter_config.json",
  );
}

/** Plain names are compared from the end: long lists of them (one per module) are common. */
function endsWithPlain(name: string, pattern: string): boolean {
  const start = name.length - pattern.length;
  if (start < 0 || (start > 0 && name[start - 1] !== ".")) return false;
  for (let i = pattern.length - 1; i >= 0; i--) {
    if (pattern[i] !== "." && pattern[i] !== name[start + i]) return false;
  }
  return true;
}
