/** The modules of a base as the wrapped model has them: what a configuration can target, and their weights. */
import type { Role } from "../../contract/domain/checkpoint.ts";
import type { MatrixView } from "../../contract/domain/tensor.ts";
import { readableDtypes } from "../../contract/domain/tensor.ts";
import type { Checkpoint, Tensor } from "../checkpoint/checkpoint.ts";
import { expertMatrix, MATRICES_MAXIMUM, refuseExperts } from "../checkpoint/experts.ts";
import { hiddenShape } from "../checkpoint/hidden-shapes.ts";
import type { Steps } from "../turns.ts";
import { type NamingStyle, wrappedName } from "./naming.ts";

export interface BaseModule {
  /** Canonical name without `.weight`, e.g. `model.layers.0.self_attn.q_proj`; replicated layers have their new number. */
  name: string;
  /** The name that patterns of the configuration are matched against. */
  wrapped: string;
  kind: "linear" | "embedding" | "other";
  role: Role;
  /** Of the weight; undefined where a quantised format hides it and config.json does not tell it. */
  shape: number[] | undefined;
  /** Undefined when the weight is stored in a form that cannot be read. */
  weight: MatrixView | undefined;
  bias: Tensor | undefined;
  /** The matrix is stored once and used twice: this is the head of a tied model. */
  tiedHead: boolean;
}

/** Ends of tensor names that stand for a module's weight, quantised formats included. */
const WEIGHT_ENDS = [".weight", ".qweight", ".weight_packed", ".W_q", ".weight._data", ".codebooks"] as const;

/** Fused experts of transformers 5: one tensor (experts, rows, columns) instead of one matrix per expert. */
const FUSED_EXPERTS = /^(?<container>.*\.experts)\.(?<parameter>gate_up_proj|down_proj)$/u;

const EMBEDDING_NAMES: ReadonlySet<string> = new Set(["embed_tokens", "wte", "word_embeddings", "embed_in"]);
const READABLE: ReadonlySet<string> = new Set(readableDtypes);

/** Every module of the base that has a weight, in file order, by canonical name. */
export function* baseModules(base: Checkpoint, style: NamingStyle): Steps<Map<string, BaseModule>> {
  const modules = new Map<string, BaseModule>();
  for (const tensor of base.tensors.values()) {
    yield;
    const limit = MATRICES_MAXIMUM - modules.size;
    for (const module of modulesOf(base, tensor, style, limit)) modules.set(module.name, module);
  }
  addTiedHead(base, modules, style);
  return modules;
}

/** The shape of a matrix, or undefined for vectors and hidden shapes. */
export function matrixShape(module: BaseModule): [number, number] | undefined {
  const [rows, columns] = module.shape ?? [];
  return module.shape?.length === 2 && rows !== undefined && columns !== undefined ? [rows, columns] : undefined;
}

/** A tensor with one axis as one row. */
export function vectorView(tensor: Tensor): MatrixView {
  return { tensor, shape: [1, elementCount(tensor)] };
}

export function elementCount(tensor: { shape: readonly number[] }): number {
  return tensor.shape.reduce((product, size) => product * size, 1);
}

/** At most `limit` modules are made of one stacked tensor; one that holds more experts than are read gives none. */
function modulesOf(base: Checkpoint, tensor: Tensor, style: NamingStyle, limit: number): BaseModule[] {
  if (FUSED_EXPERTS.test(tensor.name) && tensor.shape.length === 3) {
    return refuseExperts(tensor.shape, limit) === undefined ? fusedExperts(base, tensor, style) : [];
  }
  const end = WEIGHT_ENDS.find((candidate) => tensor.name.endsWith(candidate));
  if (end === undefined) return [];
  const name = tensor.name.slice(0, -end.length);
  const readable = end === ".weight" && isReadable(base, tensor);
  const hidden = base.quantised === undefined ? undefined : hiddenShape(base, base.family.role(name));
  const shape = readable ? tensor.shape : hidden;
  const weight = readable ? { tensor } : undefined;
  return [makeModule(base, name, style, shape, weight)].filter((module) => module !== undefined);
}

/** 8-bit floats are weights only together with their scales. */
function isReadable(base: Checkpoint, tensor: Tensor): boolean {
  const lacksScale = tensor.dtype.startsWith("F8_") && base.quantised !== undefined && tensor.scale === undefined;
  return READABLE.has(tensor.dtype) && !lacksScale;
}

function makeModule(
  base: Checkpoint,
  name: string,
  style: NamingStyle,
  shape: number[] | undefined,
  weight: MatrixView | undefined,
): BaseModule | undefined {
  const wrapped = wrappedName(name, style);
  if (wrapped === undefined) return undefined;
  const role = base.family.role(name);
  const bias = base.tensors.get(`${name}.bias`);
  return { name, wrapped, kind: kindOf(name, role, shape), role, shape, weight, bias, tiedHead: false };
}

function kindOf(name: string, role: Role, shape: number[] | undefined): BaseModule["kind"] {
  if (shape !== undefined && shape.length !== 2) return "other";
  if (role.group === "norm") return "other";
  const isEmbedding = role.group === "embedding" || EMBEDDING_NAMES.has(name.slice(name.lastIndexOf(".") + 1));
  return isEmbedding ? "embedding" : "linear";
}

/** One module for each matrix inside a fused tensor: gate rows first, then up. */
function fusedExperts(base: Checkpoint, tensor: Tensor, style: NamingStyle): BaseModule[] {
  const groups = FUSED_EXPERTS.exec(tensor.name)?.groups;
  const container = groups?.container ?? "";
  const kinds = groups?.parameter === "down_proj" ? ["down_proj"] : ["gate_proj", "up_proj"];
  const [experts = 0, height = 0, width = 0] = tensor.shape;
  if (height % kinds.length !== 0) return [];
  const shape: [number, number] = [height / kinds.length, width];
  const readable = isReadable(base, tensor);
  const modules: BaseModule[] = [];
  for (let expert = 0; expert < experts; expert++) {
    kinds.forEach((kind, part) => {
      const weight = readable ? expertMatrix(tensor, expert, part, kinds.length) : undefined;
      const module = makeModule(base, `${container}.${expert}.${kind}`, style, shape, weight);
      if (module !== undefined) modules.push(module);
    });
  }
  return modules;
}

/** A tied model runs its head on the embedding's matrix. */
function addTiedHead(base: Checkpoint, modules: Map<string, BaseModule>, style: NamingStyle): void {
  const embedding = modules.get("model.embed_tokens");
  if (!base.tiedHead || embedding === undefined || modules.has("lm_head")) return;
  const head = makeModule(base, "lm_head", style, embedding.shape, embedding.weight);
  if (head !== undefined) modules.set("lm_head", { ...head, kind: "linear", tiedHead: true });
}
