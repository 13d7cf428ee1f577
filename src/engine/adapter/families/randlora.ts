/** RandLoRA: ΔW of full rank from fixed random bases that all modules share, with trained scales. */
import { formulaFamily, part, refuseUnsaved, sharedPart } from "./formula-family.ts";
import { shapeMismatch } from "./lora-context.ts";

export const randlora = formulaFamily({
  type: "RANDLORA",
  factors: ["randlora_lambda", "randlora_gamma"],
  shared: ["randlora_A", "randlora_B"],
  needsBase: false,
  limits: "saved with `save_projection`",
  defaults: { rank: 32, alpha: 640, alphaKey: "randlora_alpha" },
  formula: "randlora_alpha / r",
  check: refuseUnsaved,
  state: (module) => {
    const { rows, columns, rank, scale, context } = module;
    const [least, most] = [Math.min(rows, columns), Math.max(rows, columns)];
    const count = Math.ceil(least / rank);
    const ranks = part(module, "randlora_lambda", [rank, count]);
    const sides = part(module, "randlora_gamma", [count, least]);
    const small = sharedPart(module, "randlora_A", [rank, 1, undefined]);
    const large = sharedPart(module, "randlora_B", [undefined, undefined, rank]);
    const [width = 0, height = 0, bases = 0] = [small.shape[2], large.shape[0], large.shape[1]];
    if (width < least || height < most || bases < count) {
      throw shapeMismatch(context, module.module.name, `the shared bases are smaller than (${rows}, ${columns}) needs`);
    }
    const views = {
      ranks: { tensor: ranks },
      sides: { tensor: sides },
      small: { tensor: small, shape: [rank, width] as [number, number], columns: first(least) },
      large: {
        tensor: large,
        shape: [height, bases * rank] as [number, number],
        rows: first(most),
        columns: first(count * rank),
      },
    };
    return { kind: "bases", views, numbers: { scale } };
  },
});

function first(count: number) {
  return { start: 0, count, step: 1 };
}
