/** Fused experts of transformers 5: one factor pair for all experts, cut into one delta per expert. */
import type { LowRankTerm } from "../../../contract/domain/adapter.ts";
import { DeltaScopeError } from "../../../contract/errors.ts";
import type { Tensor } from "../../checkpoint/checkpoint.ts";
import type { Steps } from "../../turns.ts";
import { type BaseModule, matrixShape } from "../modules.ts";
import { checkMatrix, type LoraContext, shapeMismatch, showShape, takeTensor } from "./lora-context.ts";

/** One matrix of one expert. */
const EXPERT = /^(?<container>.*\.experts)\.(?<expert>\d+)\.(?<kind>gate_proj|up_proj|down_proj)$/u;

/** The experts of one layer: modules by kind and number. */
type ExpertGroup = Record<"gate" | "up" | "down", Map<number, BaseModule>>;

type Parameter = "gate_up_proj" | "down_proj";

/** Whether some layers are mixtures of experts with gate, up and down matrices. */
export function haveExperts(modules: ReadonlyMap<string, BaseModule>): boolean {
  return [...modules.keys()].some((name) => EXPERT.test(name));
}

/** Whether this is one matrix of one expert. */
export function isExpert(module: string): boolean {
  return EXPERT.test(module);
}

/** The fused factors of every layer as terms of single experts, by canonical module name. */
export function* expertTerms(context: LoraContext): Steps<Map<string, LowRankTerm>> {
  const terms = new Map<string, LowRankTerm>();
  for (const [container, group] of yield* expertGroups(context)) {
    yield;
    for (const holder of [container, `${container}.base_layer`]) addTerms(context, terms, container, group, holder);
  }
  return terms;
}

function* expertGroups(context: LoraContext): Steps<Map<string, ExpertGroup>> {
  const groups = new Map<string, ExpertGroup>();
  for (const module of context.modules.values()) {
    yield;
    const found = EXPERT.exec(module.name)?.groups;
    if (found === undefined) continue;
    const container = found.container ?? "";
    const group = groups.get(container) ?? { gate: new Map(), up: new Map(), down: new Map() };
    groups.set(container, group);
    const kind = (found.kind ?? "").replace("_proj", "") as keyof ExpertGroup;
    group[kind].set(Number(found.expert), module);
  }
  return groups;
}

/** Reads the factor pair that stands directly under `holder`, if there is one and the configuration targets it. */
function addTerms(
  context: LoraContext,
  terms: Map<string, LowRankTerm>,
  container: string,
  group: ExpertGroup,
  holder: string,
): void {
  const parts = context.tensors.get(holder);
  const first = parts?.get("lora_A.weight")?.tensor;
  const second = parts?.get("lora_B.weight")?.tensor;
  if (second === undefined) return;
  if (first === undefined) throw missingFirst(holder);
  const [, width] = checkMatrix(context, holder, "lora_A", first);
  const [height] = checkMatrix(context, holder, "lora_B", second);
  const parameter = fittingParameter(context, holder, group, height, width);
  if (!context.targeting.isTargetParameter(`${wrappedContainer(group)}.${parameter}`)) return;
  takeTensor(context, holder, "lora_A.weight");
  takeTensor(context, holder, "lora_B.weight");
  cutExperts(context, terms, { container, group, holder, parameter, first, second });
}

/** If only one parameter is targeted its keys do not say which: the shapes do. */
function fittingParameter(
  context: LoraContext,
  holder: string,
  group: ExpertGroup,
  height: number,
  width: number,
): Parameter {
  const gate = sizeOf(group.gate);
  const down = sizeOf(group.down);
  if (gate === undefined && down === undefined) return parameterByNesting(context, holder, group);
  if (gate !== undefined && height === 2 * gate[0] && width === gate[1]) return "gate_up_proj";
  if (down !== undefined && height === down[0] && width === down[1]) return "down_proj";
  const fused = gate === undefined ? [] : [2 * gate[0], gate[1]];
  const detail = `fused factors for a matrix of ${showShape([height, width])} fit neither gate_up_proj ${showShape(fused)} nor down_proj ${showShape(down ?? [])}`;
  throw shapeMismatch(context, holder, detail);
}

/** A quantised base hides its shapes; peft wraps gate_up_proj first, so that down_proj stands outside. */
function parameterByNesting(context: LoraContext, holder: string, group: ExpertGroup): Parameter {
  if (holder.endsWith(".base_layer")) return "gate_up_proj";
  if (context.tensors.has(`${holder}.base_layer`)) return "down_proj";
  const isGateUp = context.targeting.isTargetParameter(`${wrappedContainer(group)}.gate_up_proj`);
  return isGateUp ? "gate_up_proj" : "down_proj";
}

interface FusedFactors {
  container: string;
  group: ExpertGroup;
  holder: string;
  parameter: Parameter;
  first: Tensor;
  second: Tensor;
}

/** a = A[e·r … (e+1)·r], b = every E-th column of B from e on; gate rows of b first, then up. */
function cutExperts(context: LoraContext, terms: Map<string, LowRankTerm>, fused: FusedFactors): void {
  const { group, first, second, parameter } = fused;
  const kinds = parameter === "down_proj" ? [group.down] : [group.gate, group.up];
  const experts = Math.max(...kinds.map(({ size }) => size));
  const { rank, scale } = context.rankAndAlpha(`${wrappedContainer(group)}.${parameter}`);
  checkFusedRank(context, fused, experts, rank);
  const height = (second.shape[0] ?? 0) / kinds.length;
  kinds.forEach((modules, part) => {
    for (const [expert, module] of modules) {
      if (expert >= experts) throw unnumbered(context, fused, expert, experts);
      const rows = { start: part * height, count: height, step: 1 };
      const left = { tensor: second, rows, columns: { start: expert, count: rank, step: experts } };
      const right = { tensor: first, rows: { start: expert * rank, count: rank, step: 1 } };
      terms.set(module.name, { left, right, scale });
    }
  });
}

function unnumbered(context: LoraContext, fused: FusedFactors, expert: number, experts: number): DeltaScopeError {
  return shapeMismatch(
    context,
    fused.holder,
    `the base has ${experts} experts, but one of them has the number ${expert}`,
  );
}

function checkFusedRank(context: LoraContext, fused: FusedFactors, experts: number, rank: number): void {
  const rows = fused.first.shape[0];
  const columns = fused.second.shape[1];
  if (rows === rank * experts && columns === rank * experts) return;
  const detail = `lora_A has ${rows} rows and lora_B ${columns} columns, rank ${rank} for ${experts} experts needs ${rank * experts}`;
  throw shapeMismatch(context, fused.holder, detail);
}

function sizeOf(modules: ReadonlyMap<number, BaseModule>): [number, number] | undefined {
  const [module] = modules.values();
  return module === undefined ? undefined : matrixShape(module);
}

/** The container's name in the wrapped model: that of an expert without `.0.down_proj`. */
function wrappedContainer(group: ExpertGroup): string {
  const [module] = [...group.down.values(), ...group.gate.values()];
  return (module?.wrapped ?? "").split(".").slice(0, -2).join(".");
}

function missingFirst(holder: string): DeltaScopeError {
  return new DeltaScopeError(
    "adapter.tensor-missing",
    `${holder} has lora_B but no lora_A; peft would fill lora_A with random numbers.`,
    holder,
  );
}
