/** One thing that people hand in, and the code that must answer it; the parts that several tables build with. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { AlertCode } from "../../src/contract/alerts.ts";
import type { ErrorCode } from "../../src/contract/errors.ts";
import {
  type AdapterToWrite,
  type CheckpointToWrite,
  TINY_RANK,
  tinyFactors,
  tinyTensors,
  writeAdapter,
  writeCheckpoint,
} from "../builders/checkpoint.ts";
import type { TensorToWrite } from "../builders/safetensors.ts";

export type Fill = (folder: string) => void;

export interface CodeCase {
  name: string;
  /** Of the error that ends the run, or of an alert beside its numbers. */
  code: ErrorCode | AlertCode;
  /** What message and place have to say. */
  says: RegExp;
  /** `inspect` of the tuned folder alone says it already; otherwise only both together can. */
  inspect?: true;
  /** Left out: a small Qwen2 model. */
  base?: Fill;
  /** Left out: a LoRA adapter of that model. */
  tuned?: Fill;
  /** The command names no base. */
  withoutBase?: true;
  /** Modules with a ΔW above zero beside the alert, where the fixture does not change the usual ones. */
  changed?: readonly string[];
}

export const Q = "model.layers.0.self_attn.q_proj";
export const PREFIX = "base_model.model.";
/** What the usual adapter changes. */
export const USUAL = [0, 1].flatMap((layer) =>
  ["q_proj", "v_proj"].map((kind) => `model.layers.${layer}.self_attn.${kind}`),
);

export function checkpoint(what: CheckpointToWrite = {}): Fill {
  return (folder) => void writeCheckpoint(folder, what);
}

export function adapter(what: AdapterToWrite = {}): Fill {
  return (folder) => void writeAdapter(folder, what);
}

/** The usual factors under a changed configuration. */
export function configured(config: Record<string, unknown>): Fill {
  return adapter({ config });
}

/** The usual adapter with every key changed. */
export function renamed(change: (key: string) => string): Fill {
  return adapter({ tensors: new Map([...tinyFactors()].map(([key, tensor]) => [change(key), tensor])) });
}

/** The usual factors and more. */
export function extended(tensors: Record<string, TensorToWrite>, config: Record<string, unknown> = {}): Fill {
  return adapter({ config, tensors: new Map([...tinyFactors(), ...Object.entries(tensors)]) });
}

/** The base's tensors, some of them changed or left out. */
export function edited(change: (tensors: Map<string, TensorToWrite>) => void, what: CheckpointToWrite = {}): Fill {
  const tensors = tinyTensors(what.shape);
  change(tensors);
  return checkpoint({ ...what, tensors });
}

export function only(part: string): Map<string, TensorToWrite> {
  return new Map([...tinyFactors()].filter(([key]) => key.includes(part)));
}

const WIDTHS: Readonly<Record<string, number>> = {
  F64: 8,
  I64: 8,
  F32: 4,
  I32: 4,
  U8: 1,
  I8: 1,
  F8_E4M3: 1,
  F8_E8M0: 1,
};

export function zeros(dtype: string, ...shape: number[]): TensorToWrite {
  return {
    dtype,
    shape,
    data: new Uint8Array(shape.reduce((product, length) => product * length, WIDTHS[dtype] ?? 2)),
  };
}

/** Values that differ from each other, around `centre`. */
export function wave(shape: number[], size = 0.1, centre = 0): TensorToWrite {
  const count = shape.reduce((product, length) => product * length, 1);
  return { dtype: "F32", shape, data: Array.from({ length: count }, (_, i) => centre + size * Math.sin(i + 1)) };
}

/** A pair of factors for one module. */
export function factors(
  module: string,
  rows: number,
  columns: number,
  rank = TINY_RANK,
): Record<string, TensorToWrite> {
  const at = `${PREFIX}${module}`;
  return { [`${at}.lora_A.weight`]: wave([rank, columns]), [`${at}.lora_B.weight`]: wave([rows, rank]) };
}

/** A checkpoint whose q_proj of layer 0 is stored in another way. */
export function quantised(parts: Record<string, TensorToWrite>, config: Record<string, unknown> = {}): Fill {
  return edited(
    (tensors) => {
      tensors.delete(`${Q}.weight`);
      for (const [part, tensor] of Object.entries(parts)) tensors.set(`${Q}.${part}`, tensor);
    },
    { config },
  );
}

export function file(name: string, content: string | Uint8Array = "x"): Fill {
  return (folder) => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, name), content);
  };
}

export function both(...steps: Fill[]): Fill {
  return (folder) => {
    for (const step of steps) step(folder);
  };
}
