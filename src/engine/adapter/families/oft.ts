/** OFT: W′ = W·Mᵀ, M block-diagonal with Cayley transforms of skew matrices; embeddings E′ = E·M. */
import {
  type Formula,
  flagSetting,
  formulaFamily,
  numberSetting,
  part,
  unsupported,
  wholeSetting,
} from "./formula-family.ts";
import { shapeMismatch } from "./lora-context.ts";

/** peft's default is five; a setting must not make an analysis run for hours. */
const MOST_TERMS = 1000;

export const oft = formulaFamily({
  type: "OFT",
  factors: ["oft_R", "oft_embedding_R"],
  needsBase: true,
  formula: "1",
  onEmbeddings: true,
  check: (config) => {
    settingsOf(config);
    if (Object.hasOwn(config, "oft_block_size")) return;
    throw unsupported("OFT adapters without `oft_block_size` are of an old form whose rotation peft no longer reads.");
  },
  state: (module) => {
    const { config } = module.context.adapter;
    const isEmbedding = module.module.kind === "embedding";
    const skew = part(module, isEmbedding ? "oft_embedding_R.weight" : "oft_R.weight", [undefined, undefined]);
    const [count = 0, entries = 0] = skew.shape;
    const block = Math.round((1 + Math.sqrt(1 + 8 * entries)) / 2);
    const fits = (block * (block - 1)) / 2 === entries && module.columns % block === 0;
    if (!fits || (count !== 1 && count * block !== module.columns)) {
      const detail = `oft_R is (${skew.shape}), whose blocks do not make ${module.columns} columns`;
      throw shapeMismatch(module.context, module.module.name, detail);
    }
    const numbers = { ...settingsOf(config), block, transposed: isEmbedding ? 1 : 0 };
    return { kind: "rotation", views: { skew: { tensor: skew } }, numbers };
  },
});

/** Numbers of the formula that the configuration tells. */
function settingsOf(config: Record<string, unknown>): Formula["numbers"] {
  const terms = flagSetting(config, "use_cayley_neumann", true) ? seriesTerms(config) : 0;
  return flagSetting(config, "coft", false) ? { terms, limit: numberSetting(config, "eps", 6e-5) } : { terms };
}

/** Terms of the series; fewer than one leave the identity, which is one term. */
function seriesTerms(config: Record<string, unknown>): number {
  const terms = wholeSetting(config, "num_cayley_neumann_terms", 5, 0);
  if (terms <= MOST_TERMS) return Math.max(1, terms);
  throw unsupported(
    `OFT with ${terms} terms of the Cayley-Neumann series is not supported; the limit is ${MOST_TERMS}.`,
  );
}
