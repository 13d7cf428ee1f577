/** PEANuT: ΔW = scaling·B·h, where a small network makes h of the columns of W. */
import type { MatrixView } from "../../../contract/domain/tensor.ts";
import { invalidConfig } from "../config.ts";
import { type FormulaModule, formulaFamily, numberSetting, part, unsupported } from "./formula-family.ts";

/** Numbers of the formula `network`; the approximations that transformers also knows are not read. */
const ACTIVATIONS: ReadonlyMap<unknown, number> = new Map([
  ["relu", 0],
  ["gelu", 1],
  ["silu", 2],
  ["swish", 2],
  ["tanh", 3],
  ["sigmoid", 4],
]);

/** Layers on either side; people use a handful. */
const DEPTH_MAXIMUM = 100;

export const peanut = formulaFamily({
  type: "PEANUT",
  factors: ["peanut_A", "peanut_B", "peanut_encoders", "peanut_decoders"],
  isInner: (name) => /^\d{1,3}$/u.test(name),
  needsBase: true,
  defaults: { rank: 32 },
  formula: "scaling",
  scale: (config) => numberSetting(config, "scaling", 1),
  check: (config) => {
    activationOf(config);
    depthOf(config);
    numberSetting(config, "scaling", 1);
  },
  state: (module) => {
    const { rows, rank, context } = module;
    const { config } = context.adapter;
    const depth = depthOf(config);
    const views = {
      first: { tensor: part(module, "peanut_A.weight", [rank, rows]) },
      last: { tensor: part(module, "peanut_B.weight", [rows, rank]) },
      ...layers(module, "encoder", depth),
      ...layers(module, "decoder", depth),
    };
    const numbers = { depth, activation: activationOf(config), scale: numberSetting(config, "scaling", 1) };
    return { kind: "network", views, numbers };
  },
});

function layers(module: FormulaModule, kind: string, depth: number): Record<string, MatrixView> {
  const size = [module.rank, module.rank];
  const views: Record<string, MatrixView> = {};
  for (let i = 0; i < depth; i++) views[`${kind}${i}`] = { tensor: part(module, `peanut_${kind}s.${i}.weight`, size) };
  return views;
}

function activationOf(config: Record<string, unknown>): number {
  const name = config.act_fn ?? "relu";
  const found = ACTIVATIONS.get(name);
  if (found === undefined)
    throw unsupported(`PEANUT adapters with the activation ${String(name).slice(0, 40)} are not supported.`);
  return found;
}

function depthOf(config: Record<string, unknown>): number {
  const depth = numberSetting(config, "depth", 0);
  if (Number.isInteger(depth) && depth >= 0 && depth <= DEPTH_MAXIMUM) return depth;
  throw invalidConfig(`\`depth\` is ${depth}; a whole number up to ${DEPTH_MAXIMUM} is needed.`);
}
