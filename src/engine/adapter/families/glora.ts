/** GLoRA: W′ = W ⊙ (1 + a) + b, and of a bias b₀ ⊙ (1 + d) + e + W·c; each of the five in one of four forms. */
import type { VectorChange } from "../../../contract/domain/pair.ts";
import type { MatrixView } from "../../../contract/domain/tensor.ts";
import { invalidConfig, showValue } from "../config.ts";
import { type Formula, type FormulaModule, formulaFamily, part, statedBias } from "./formula-family.ts";
import { takeTensor } from "./lora-context.ts";

type Views = Record<string, MatrixView>;
type Form = "lora" | "vector" | "constant" | "none";

const FORMS: ReadonlyMap<string, { forms: readonly Form[]; absent: Form }> = new Map([
  ["config_A_B", { forms: ["lora", "vector", "constant", "none"], absent: "lora" }],
  ["config_C", { forms: ["lora", "vector", "none"], absent: "lora" }],
  ["config_D_E", { forms: ["vector", "constant", "none"], absent: "constant" }],
]);

const INNER: ReadonlySet<string> = new Set(["Xd", "Xu", "X", "zeros"]);

export const glora = formulaFamily({
  type: "GLORA",
  factors: ["glora_A", "glora_B", "glora_C", "glora_D", "glora_E"],
  isInner: (name) => INNER.has(name),
  needsBase: true,
  defaults: { rank: 8 },
  formula: "1",
  check: (config) => {
    for (const key of FORMS.keys()) formOf(config, key);
  },
  state: (module) => {
    const { rows, columns, context } = module;
    const form = formOf(context.adapter.config, "config_A_B");
    const shape: [number, number] = form === "none" ? [rows, columns] : [rows, 1];
    const views = {
      ...path(module, form, { factor: "glora_A", name: "gain", shape, width: columns }),
      ...path(module, form, { factor: "glora_B", name: "shift", shape, width: columns }),
    };
    return { kind: "affine", views, numbers: {} };
  },
  bias: gloraBias,
});

/** W·c starts from the weight that the adapter wraps, which the file may replace. */
function gloraBias(module: FormulaModule): VectorChange | undefined {
  const { rows, columns, context } = module;
  const hasBias = module.module.bias !== undefined;
  const formC = hasBias ? formOf(context.adapter.config, "config_C") : "none";
  const formDE = hasBias ? formOf(context.adapter.config, "config_D_E") : "none";
  const onBias = { shape: [rows, 1] as [number, number], width: 1 };
  const views: Views = {
    ...path(module, formDE, { ...onBias, factor: "glora_D", name: "gain" }),
    ...path(module, formDE, { ...onBias, factor: "glora_E", name: "shift" }),
    ...path(module, formC, { factor: "glora_C", name: "column", shape: [columns, 1], width: 1 }),
  };
  const replaced = takeTensor(context, module.module.name, "base_layer.weight");
  const source = replaced === undefined ? module.module.weight : { tensor: replaced };
  if (source !== undefined) views.source = source;
  const formula: Formula = { kind: "affine", views, numbers: {} };
  return statedBias(module, formula);
}

interface Path {
  factor: string;
  name: string;
  /** Of a form that is stored as one matrix. */
  shape: [number, number];
  /** Columns of the product of two factors. */
  width: number;
}

/** `zeros` are read too: peft loads whatever a file holds in their place. */
function path(module: FormulaModule, form: Form, { factor, name, shape, width }: Path): Views {
  if (form === "lora") {
    const left = part(module, `${factor}.Xd`, [shape[0], module.rank]);
    const right = part(module, `${factor}.Xu`, [module.rank, width]);
    return { [name]: { tensor: left }, [`${name}_right`]: { tensor: right } };
  }
  const [rows, columns] = shape;
  if (form === "constant") return { [name]: { tensor: part(module, `${factor}.X`, [1]), shape: [1, 1] } };
  const stored = form === "none" ? `${factor}.zeros` : `${factor}.X`;
  const isFlat = name !== "column" && width === 1;
  return { [name]: { tensor: part(module, stored, isFlat ? [rows] : [rows, columns]), shape } };
}

function formOf(config: Record<string, unknown>, key: string): Form {
  const { forms = [], absent = "none" } = FORMS.get(key) ?? {};
  const value = Object.hasOwn(config, key) ? config[key] : absent;
  const form = forms.find((known) => known === value);
  if (form !== undefined) return form;
  throw invalidConfig(`\`${key}\` is ${showValue(value)}; one of ${forms.join(", ")} is needed.`);
}
