/** A checkpoint's tensors as the things that are compared: matrices, vectors, and the slices of stacked experts. */
import type { Unpaired } from "../../contract/domain/pair.ts";
import type { MatrixView } from "../../contract/domain/tensor.ts";
import type { Checkpoint, Tensor } from "../checkpoint/checkpoint.ts";
import { expertMatrix, MATRICES_MAXIMUM, refuseExperts } from "../checkpoint/experts.ts";
import { inTurns, takeTurn } from "../turns.ts";

/** Something that can be compared with its partner of the same name. */
export interface Unit {
  /** Module name without `.weight`; biases keep `.bias`. */
  name: string;
  tensor: Tensor;
  view: MatrixView;
  /** [rows, columns] of a matrix, [length] of a vector. */
  shape: [number, number] | [number];
}

export interface Units {
  byName: Map<string, Unit>;
  /** Tensors of which no unit can be made. */
  left: Unpaired[];
}

const STACKED_EXPERTS = /^(.{1,400}\.experts)\.([^.]{1,100})(?:\.weight)?$/;

/**
 * All units of `checkpoint`. The `gate_up_proj` of stacked experts is split (gate rows first, then up), so that its
 * parts have the names that files with one tensor per expert and adapters give them.
 */
export async function unitsOf(checkpoint: Checkpoint): Promise<Units> {
  const units: Units = { byName: new Map(), left: [] };
  for await (const part of inTurns(checkpoint.tensors.values())) {
    for (const tensor of part) {
      const parts = expand(tensor, checkpoint, MATRICES_MAXIMUM - units.byName.size);
      for (const unit of parts) addUnit(units, unit);
      if (parts.length > 1) await takeTurn();
    }
  }
  return units;
}

function addUnit({ byName, left }: Units, unit: Unit | Unpaired): void {
  if (!("view" in unit)) left.push(unit);
  else if (byName.has(unit.name)) left.push(ignored(unit));
  else byName.set(unit.name, unit);
}

function ignored(unit: Unit): Unpaired {
  return { name: unit.tensor.name, reason: "ignored", detail: `another tensor already stands for ${unit.name}` };
}

/** At most `limit` units are made of one stacked tensor. */
function expand(tensor: Tensor, checkpoint: Checkpoint, limit: number): (Unit | Unpaired)[] {
  const shape = tensor.shape;
  if (shape.some((length) => length === 0)) {
    return [{ name: tensor.name, reason: "shape", detail: `[${shape.join(", ")}] holds no values` }];
  }
  const stacked = shape.length === 3 ? STACKED_EXPERTS.exec(tensor.name) : null;
  if (stacked !== null) {
    const refused = refuseExperts(tensor.shape, limit);
    if (refused !== undefined) return [{ name: tensor.name, reason: "shape", detail: refused }];
    return expandExperts(tensor, stacked[1] as string, stacked[2] as string, checkpoint);
  }
  const name = unitName(tensor.name, checkpoint);
  if (shape.length < 2) return [{ name, tensor, view: { tensor }, shape: [shape[0] ?? 1] }];
  return [flatMatrix(name, tensor)];
}

/** Convolutions over patches act as linear layers on the flattened patch: first dimension × the rest. */
function flatMatrix(name: string, tensor: Tensor): Unit {
  const [rows = 1, ...rest] = tensor.shape;
  const shape: [number, number] = [rows, rest.reduce((product, length) => product * length, 1)];
  return { name, tensor, view: rest.length === 1 ? { tensor } : { tensor, offset: 0, shape }, shape };
}

/** `.weight` is left out unless another tensor already has the shorter name. */
function unitName(tensorName: string, checkpoint: Checkpoint): string {
  const short = tensorName.endsWith(".weight") ? tensorName.slice(0, -".weight".length) : tensorName;
  return checkpoint.tensors.has(short) ? tensorName : short;
}

function expandExperts(tensor: Tensor, prefix: string, parameter: string, checkpoint: Checkpoint): Unit[] {
  const [experts = 0, rows = 0, columns = 0] = tensor.shape;
  const parts =
    parameter === "gate_up_proj" && isGateOverUp(tensor, prefix, checkpoint) ? ["gate_proj", "up_proj"] : [parameter];
  const height = rows / parts.length;
  return Array.from({ length: experts * parts.length }, (_, index) => {
    const name = `${prefix}.${Math.floor(index / parts.length)}.${parts[index % parts.length]}`;
    const view = expertMatrix(tensor, Math.floor(index / parts.length), index % parts.length, parts.length);
    return { name, tensor, view, shape: [height, columns] };
  });
}

/**
 * Some families (Llama 4, gpt-oss, Qwen3-VL) store the transposed matrix, or gate and up interleaved; only beside a
 * `down_proj` (experts, out, inner) are the rows of (experts, 2 · inner, out) those of gate and then those of up.
 */
function isGateOverUp({ shape }: Tensor, prefix: string, { tensors }: Checkpoint): boolean {
  const down = tensors.get(`${prefix}.down_proj`) ?? tensors.get(`${prefix}.down_proj.weight`);
  return down?.shape.length === 3 && shape[1] === 2 * (down.shape[2] ?? 0) && shape[2] === down.shape[1];
}
