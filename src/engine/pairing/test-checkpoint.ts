/** Checkpoints made by hand for the unit tests of this folder: headers only, unless bytes are given. */
import type { Role } from "../../contract/domain/checkpoint.ts";
import type { Checkpoint, ModelConfig, Tensor } from "../checkpoint/checkpoint.ts";

export interface Sketch {
  location?: string;
  dtype?: string;
  architecture?: string | undefined;
  tied?: boolean;
  quantised?: string;
  fingerprint?: string;
  /** Shape, or shape and dtype, by canonical name. */
  tensors: Record<string, number[] | { shape: number[]; dtype: string }>;
  /** File that really holds the bytes. */
  path?: string;
}

const BYTES: Record<string, number> = { F64: 8, F32: 4, BF16: 2, F16: 2, I64: 8, U8: 1 };

export function sketchCheckpoint(sketch: Sketch): Checkpoint {
  const { location = "/models/one", dtype = "F32", tied = false } = sketch;
  const tensors = new Map<string, Tensor>();
  let begin = 0;
  for (const [name, entry] of Object.entries(sketch.tensors)) {
    const shape = Array.isArray(entry) ? entry : entry.shape;
    const type = Array.isArray(entry) ? dtype : entry.dtype;
    const end = begin + shape.reduce((product, length) => product * length, BYTES[type] ?? 1);
    const path = sketch.path ?? `${location}/model.safetensors`;
    tensors.set(name, { name, storedName: name, path, begin, end, dtype: type, shape, fileSize: 0, mtimeNs: 0n });
    begin = end;
  }
  return {
    kind: "full",
    source: {
      kind: "folder",
      location,
      root: location,
      repository: undefined,
      revision: undefined,
      files: [],
      single: undefined,
    },
    config: config("architecture" in sketch ? sketch.architecture : "Qwen2ForCausalLM", tied),
    family: { name: "sketch", matches: () => true, role: sketchRole },
    tensors,
    tiedHead: tied && !tensors.has("lm_head.weight"),
    parameters: 0,
    dtype,
    quantised: sketch.quantised,
    dequantised: undefined,
    fingerprint: sketch.fingerprint ?? location,
    alerts: [],
  };
}

function config(architecture: string | undefined, tied: boolean): ModelConfig {
  const unknown = { modelType: undefined, layers: undefined, hiddenSize: undefined, vocabularySize: undefined };
  return { ...unknown, architecture, tied, experts: undefined, quantisation: undefined, raw: {} };
}

function sketchRole(name: string): Role {
  const layer = /layers\.(\d+)\./.exec(name)?.[1];
  const expert = /experts\.(\d+)\./.exec(name)?.[1];
  const kind = name.split(".").at(-1) ?? "other";
  const group = kind === "embed_tokens" ? "embedding" : kind === "lm_head" ? "head" : "other";
  return {
    layer: layer === undefined ? null : Number(layer),
    kind,
    expert: expert === undefined ? null : Number(expert),
    group,
  };
}
