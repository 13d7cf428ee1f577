/** One safetensors file of an output, written, hashed and told about. */
import { join } from "node:path";
import type { Progress } from "../../contract/progress.ts";
import type { PlannedTensor, WriteAnswer } from "../linalg/edit-backend.ts";
import type { WrittenFile } from "./report.ts";
import type { EditListener, EditServices } from "./services.ts";
import { verifiedHash } from "./verify.ts";

export interface WeightsFile {
  folder: string;
  name: string;
  tensors: readonly PlannedTensor[];
}

/** How far the files before this one have brought the whole. */
export interface BytesSoFar {
  done: number;
  total: number;
}

/** @throws DeltaScopeError `output.unwritable`, `edit.not-verified`, `analysis.not-finite`, reading errors */
export async function writeWeights(
  { folder, name, tensors }: WeightsFile,
  { done, total }: BytesSoFar,
  { edits, threads }: EditServices,
  listener: EditListener,
  signal: AbortSignal | undefined,
): Promise<WrittenFile & Pick<WriteAnswer, "tensors">> {
  const path = join(folder, name);
  const started = performance.now();
  const tell = (bytes: number): void => listener.progress(progressOf(done + bytes, total, name, started));
  const answer = await edits.write({ path, tensors, threads }, signal, tell);
  const file = await verifiedHash(path, answer.sha256);
  return { ...file, tensors: answer.tensors };
}

function progressOf(done: number, total: number, item: string, started: number): Progress {
  const elapsedSeconds = (performance.now() - started) / 1000;
  return { phase: "write", done: Math.min(done, total), total, unit: "bytes", item, elapsedSeconds };
}
