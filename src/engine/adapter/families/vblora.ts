/** VB-LoRA: both factors are tiled with mixtures of the best few vectors of a bank that all modules share. */
import type { DeltaFormula } from "../../../contract/domain/adapter.ts";
import { type FormulaModule, formulaFamily, part, positionsPart, sharedPart, wholeSetting } from "./formula-family.ts";
import { shapeMismatch, takeTensor } from "./lora-context.ts";

const SIDES = ["A", "B"] as const;

export const vblora = formulaFamily({
  type: "VBLORA",
  factors: SIDES.flatMap((side) => ["", "_topk_indices", "_topk_weights"].map((end) => `vblora_logits_${side}${end}`)),
  shared: ["vblora_vector_bank"],
  needed: true,
  needsBase: false,
  defaults: { rank: 4 },
  formula: "1",
  check: (config) => {
    topkOf(config);
  },
  state: (module) => {
    const { rows, columns, rank, context } = module;
    const topk = topkOf(context.adapter.config);
    const bank = sharedPart(module, "vblora_vector_bank", [undefined, undefined]);
    const [vectors = 0, length = 0] = bank.shape;
    if (rows % length !== 0 || columns % length !== 0) {
      const detail = `vectors of ${length} do not divide the base weight (${rows}, ${columns})`;
      throw shapeMismatch(context, module.module.name, detail);
    }
    if (topk > vectors) throw shapeMismatch(context, module.module.name, `\`topk\` is ${topk} of ${vectors} vectors`);
    const a = side(module, "A", [rank, columns / length], topk, vectors);
    const b = side(module, "B", [rows / length, rank], topk, vectors);
    const views = { bank: { tensor: bank }, ...a.views, ...b.views };
    return { kind: "bank", views, positions: { ...a.positions, ...b.positions }, numbers: { rank, topk } };
  },
});

function topkOf(config: Record<string, unknown>): number {
  return wholeSetting(config, "topk", 2, 1);
}

/** The mixtures of one factor: logits of all vectors, or the best ones with all but the last of their weights. */
function side(
  module: FormulaModule,
  name: (typeof SIDES)[number],
  tiles: [number, number],
  topk: number,
  vectors: number,
): Pick<DeltaFormula, "views" | "positions"> {
  const key = `vblora_logits_${name}`;
  const end = name.toLowerCase();
  const count = tiles[0] * tiles[1];
  if (module.context.tensors.get(module.module.name)?.has(key)) {
    const tensor = part(module, key, [...tiles, vectors]);
    return { views: { [`logits_${end}`]: { tensor, shape: [count, vectors] } } };
  }
  const positions = { [`indices_${end}`]: positionsPart(module, `${key}_topk_indices`, [...tiles, topk]) };
  if (topk === 1) {
    // One vector alone has the whole weight.
    takeTensor(module.context, module.module.name, `${key}_topk_weights`);
    return { views: {}, positions };
  }
  const weights = part(module, `${key}_topk_weights`, [...tiles, topk - 1]);
  return { views: { [`weights_${end}`]: { tensor: weights, shape: [count, topk - 1] } }, positions };
}
