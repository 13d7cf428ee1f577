/** The factors of a LoRA adapter: random directions of given strength against the base's. */
import { gaussianStream } from "./gaussian.ts";
import type { ModelShape } from "./shapes.ts";
import { projections, type TensorPlan } from "./tensors.ts";
import { type FillNext, updateStrengths } from "./weights.ts";

/** What `--adapter` says. Strength 1 is that at which a direction enters the base's top 10. */
export interface AdapterSpec {
  readonly rank: number;
  readonly alpha: number;
  readonly strength: number;
  /** Last parts of the module names, such as `q_proj`. */
  readonly targets: readonly string[];
}

const PREFIX = "base_model.model.model.layers";

const lastPart = (path: string): string => path.slice(path.lastIndexOf(".") + 1);

/** The names that `targets=` may hold, or stands for with `all`, `attention` and `mlp`. */
export function resolveTargets(shape: ModelShape, text: string): string[] {
  const paths = projections(shape).map(([path]) => path);
  const known = paths.map(lastPart);
  if (text === "all") return known;
  if (text === "attention") return paths.filter((path) => path.startsWith("self_attn")).map(lastPart);
  if (text === "mlp") return paths.filter((path) => path.startsWith("mlp")).map(lastPart);
  const wanted = text.split("+");
  const strange = wanted.find((name) => !known.includes(name));
  if (strange !== undefined) throw new RangeError(`unknown target ${strange}; known are ${known.join(", ")}`);
  return wanted;
}

interface Factor extends TensorPlan {
  /** Root mean square of the entries that belong to each rank. */
  readonly deviations: readonly number[];
  readonly ranksAreRows: boolean;
}

/** A's rows have length about 1; B's columns carry the strength, less what the scale alpha / r adds. */
function factorPair(module: string, outputs: number, inputs: number, spec: AdapterSpec): Factor[] {
  const scale = spec.alpha / spec.rank;
  const strengths = updateStrengths(outputs, inputs, spec.rank, spec.strength);
  return [
    {
      name: `${module}.lora_A.weight`,
      kind: "matrix",
      shape: [spec.rank, inputs],
      deviations: strengths.map(() => 1 / Math.sqrt(inputs)),
      ranksAreRows: true,
    },
    {
      name: `${module}.lora_B.weight`,
      kind: "matrix",
      shape: [outputs, spec.rank],
      deviations: strengths.map((strength) => strength / (scale * Math.sqrt(outputs))),
      ranksAreRows: false,
    },
  ];
}

/** Every factor of the adapter, in the order of the layers. */
export function adapterTensors(shape: ModelShape, spec: AdapterSpec): Factor[] {
  const targets = projections(shape).filter(([path]) => spec.targets.includes(lastPart(path)));
  return Array.from({ length: shape.layers }, (_, layer) =>
    targets.flatMap(([path, outputs, inputs]) => factorPair(`${PREFIX}.${layer}.${path}`, outputs, inputs, spec)),
  ).flat();
}

/** The entries of one factor. */
export function factorFiller(factor: Factor, seed: string): FillNext {
  const stream = gaussianStream(`${seed}/${factor.name}`);
  const columns = factor.shape[1] ?? 1;
  let row = 0;
  return (block, count) => {
    stream(block, count, 1);
    for (let i = 0; i < count; i++) {
      const rank = factor.ranksAreRows ? row + Math.floor(i / columns) : i % columns;
      block[i] = (block[i] as number) * (factor.deviations[rank] as number);
    }
    row += count / columns;
  };
}
