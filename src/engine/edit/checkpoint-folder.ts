/** Writes a full checkpoint, shard by shard, with its index, configuration and tokenizer, and reads it back. */

import type { MatrixView, TensorRef } from "../../contract/domain/tensor.ts";
import { DeltaScopeError } from "../../contract/errors.ts";
import { open } from "../checkpoint/open.ts";
import type { WriteAnswer } from "../linalg/edit-backend.ts";
import {
  type CheckpointToWrite,
  type Patch,
  type PlannedFile,
  placeKey,
  planFiles,
  tensorBytes,
} from "./checkpoint-plan.ts";
import type { WrittenFile, WrittenModuleReport } from "./report.ts";
import { type EditListener, type EditServices, silentListener } from "./services.ts";
import { copyFiles, filesToCopy, writeConfig, writeJsonFile } from "./side-files.ts";
import { requireVerified, verifiedHash } from "./verify.ts";
import { writeWeights } from "./write-weights.ts";

const INDEX = "model.safetensors.index.json";
/** How far the error that is read back may lie above the one that was counted while writing. */
const ROUNDING_SLACK = 1.01;

export interface WrittenCheckpoint {
  files: WrittenFile[];
  modules: WrittenModuleReport[];
  /** As they were written, in f64: norms of every tensor that is not a copy. */
  tensors: WriteAnswer["tensors"];
}

/** Bytes of the weights and of the files beside them. */
export function checkpointBytes(plan: CheckpointToWrite): number {
  const weights = planFiles(plan).flatMap(({ tensors }) => tensors.map(tensorBytes));
  const beside = filesToCopy(plan.layout.source).map(({ size }) => size);
  return [...weights, ...beside].reduce((sum, bytes) => sum + bytes, 0);
}

/**
 * Writes into an empty folder and reads back: every file by its hash, every edited matrix against what was meant.
 * @throws DeltaScopeError `edit.not-possible`, `edit.not-verified`, and what writing throws
 */
export async function writeCheckpoint(
  folder: string,
  plan: CheckpointToWrite,
  services: EditServices,
  listener: EditListener = silentListener,
  signal?: AbortSignal,
): Promise<WrittenCheckpoint> {
  const planned = planFiles(plan);
  const total = planned.flatMap(({ tensors }) => tensors.map(tensorBytes)).reduce((sum, bytes) => sum + bytes, 0);
  const files: WrittenFile[] = [];
  const answers: WriteAnswer["tensors"] = [];
  let done = 0;
  for (const { name, tensors } of planned) {
    const written = await writeWeights({ folder, name, tensors }, { done, total }, services, listener, signal);
    answers.push(...written.tensors);
    files.push({ name: written.name, bytes: written.bytes, sha256: written.sha256 });
    done += tensors.reduce((sum, tensor) => sum + tensorBytes(tensor), 0);
  }
  files.push(...(await writeBeside(folder, plan, planned)));
  const rounding = new Map(answers.map(({ name, roundingError }) => [name, roundingError ?? 0]));
  const modules = await readBack(folder, plan, planned, rounding, services, signal);
  return { files, modules, tensors: answers.filter(({ frobenius }) => frobenius !== undefined) };
}

async function writeBeside(folder: string, plan: CheckpointToWrite, planned: PlannedFile[]): Promise<WrittenFile[]> {
  const { source } = plan.layout;
  const copied = filesToCopy(source);
  await copyFiles(copied, folder);
  const changed = plan.dtype === plan.layout.dtype ? undefined : plan.dtype;
  await writeConfig(source, folder, { dtype: changed, untied: plan.ownHead !== undefined });
  if (planned.length > 1) await writeJsonFile(folder, INDEX, indexOf(planned));
  const config = source.files.some(({ name }) => name === "config.json") ? ["config.json"] : [];
  const names = [...copied.map(({ name }) => name), ...config, ...(planned.length > 1 ? [INDEX] : [])];
  return Promise.all(names.map((name) => verifiedHash(`${folder}/${name}`, undefined)));
}

function indexOf(planned: readonly PlannedFile[]): unknown {
  const entries = planned.flatMap(({ name, tensors }) => tensors.map((tensor) => [tensor.name, name] as const));
  const bytes = planned.flatMap(({ tensors }) => tensors.map(tensorBytes)).reduce((sum, one) => sum + one, 0);
  return { metadata: { total_size: bytes }, weight_map: Object.fromEntries(entries) };
}

async function readBack(
  folder: string,
  plan: CheckpointToWrite,
  planned: readonly PlannedFile[],
  rounding: ReadonlyMap<string, number>,
  { edits, threads }: EditServices,
  signal: AbortSignal | undefined,
): Promise<WrittenModuleReport[]> {
  const written = await open(folder, { as: "full" });
  if (written.kind !== "full") throw new DeltaScopeError("internal", "A checkpoint was read back as an adapter.");
  const stored = new Map([...written.tensors.values()].map((tensor) => [tensor.storedName, tensor]));
  const count = planned.reduce((sum, { tensors }) => sum + tensors.length, 0);
  if (stored.size !== count) {
    throw new DeltaScopeError("edit.not-verified", `${stored.size} of ${count} tensors were read back.`, folder);
  }
  const reports: WrittenModuleReport[] = [];
  for (const { patch, name } of placesOf(plan)) {
    const read = moved(patch.place, stored.get(name));
    const comparison = await edits.compareMatrix(patch.module, read, threads, signal);
    requireVerified(patch.module.name, comparison, (rounding.get(name) ?? 0) * ROUNDING_SLACK);
    // A bias or norm that was computed as a matrix of one column is no module.
    if (read.tensor.shape.length > 1) reports.push({ module: patch.module.name, rank: null, ...comparison });
  }
  return reports;
}

/** Every patch with the stored name of the tensor that holds it. */
function placesOf(plan: CheckpointToWrite): { patch: Patch; name: string }[] {
  const names = new Map([...plan.layout.tensors.values()].map((tensor) => [placeKey(tensor), tensor.storedName]));
  const inside = plan.patches.map((patch) => ({ patch, name: names.get(placeKey(patch.place.tensor)) ?? "" }));
  return plan.ownHead ? [...inside, { patch: plan.ownHead, name: "lm_head.weight" }] : inside;
}

function moved(place: MatrixView, tensor: TensorRef | undefined): MatrixView {
  if (tensor) return { ...place, tensor };
  throw new DeltaScopeError("edit.not-verified", "A tensor that was written is not there.", place.tensor.path);
}
