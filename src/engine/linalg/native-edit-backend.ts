/** The edit backend that answers from the native addon, on threads of its own. */
import type * as Addon from "../../../native/addon.d.ts";
import { addon, callNative } from "./addon.ts";
import type { EditBackend, Factors, Triplets } from "./edit-backend.ts";
import { deltaStatement, editedModule, factorSum, Handles, plannedTensor } from "./edit-requests.ts";
import { thrownToError } from "./failure.ts";

/** Time between two looks at the counter of written bytes. */
const PROGRESS_MILLISECONDS = 100;

/** @param threads of the pool; all that this process may use when left out */
export function openNativeEditBackend(threads?: number): EditBackend {
  const native = addon();
  const pool = new native.Pool(threads ?? native.cpu().threads);
  const handles = new Handles();
  return {
    threads: pool.threads,
    triplets: ({ delta, ...question }, signal) =>
      callNative(signal, async (flag) =>
        triplets(handles, await pool.triplets({ ...question, delta: deltaStatement(delta) }, flag)),
      ),
    arm: (question) => direct(() => native.arm(question)),
    extract: ({ delta, ...question }, signal) =>
      callNative(signal, async (flag) =>
        factors(handles, await pool.extractFactors({ ...question, delta: deltaStatement(delta) }, flag)),
      ),
    refactor: ({ parts, ...question }, signal) =>
      callNative(signal, async (flag) => {
        const lists = handles.lists();
        const request = { ...question, parts: parts.map((part) => factorSum(part, lists)) };
        return factors(handles, await pool.refactor(request, lists.triplets, flag));
      }),
    write: (question, signal, onBytes) =>
      callNative(signal, async (flag) => {
        const lists = handles.lists();
        const tensors = question.tensors.map((tensor) => plannedTensor(tensor, lists));
        const progress = new native.Progress();
        const request = { ...question, metadata: { ...question.metadata }, tensors };
        const writing = pool.writeTensors(request, lists.triplets, lists.factors, flag, progress);
        const { bytes, sha256, tensors: written } = await watched(writing, progress, onBytes);
        const named = written.map(({ frobenius, roundingError }, index) => {
          return { name: question.tensors[index]?.name ?? "", frobenius, roundingError };
        });
        return { bytes, sha256, tensors: named };
      }),
    compareMatrix: (module, matrix, threads, signal) =>
      callNative(signal, (flag) => {
        const lists = handles.lists();
        return pool.compareModule({ module: editedModule(module, lists), matrix, threads }, lists.triplets, flag);
      }),
    compareUpdate: (module, read, threads, signal) =>
      callNative(signal, (flag) => {
        const lists = handles.lists();
        const request = { module: editedModule(module, lists), factors: [...read], threads };
        return pool.compareModule(request, lists.triplets, flag);
      }),
    compareFactors: ({ name, intended, read }, signal) =>
      callNative(signal, () => {
        const lists = handles.lists();
        if ("release" in intended) {
          return pool.compareFactors({ name, read: [...read] }, [], handles.factors(intended));
        }
        const sums = intended.map((sum) => factorSum(sum, lists));
        return pool.compareFactors({ name, sums, read: [...read] }, lists.triplets);
      }),
  };
}

/** A call that answers at once. */
function direct<T>(call: () => T): T {
  try {
    return call();
  } catch (thrown) {
    throw thrownToError(thrown);
  }
}

/** Tells how many bytes are done while a call goes on, and once more at its end. */
async function watched<T>(
  call: Promise<T>,
  progress: Addon.Progress,
  onBytes: ((done: number) => void) | undefined,
): Promise<T> {
  if (onBytes === undefined) return call;
  const timer = setInterval(() => onBytes(progress.done), PROGRESS_MILLISECONDS);
  try {
    const answer = await call;
    onBytes(progress.done);
    return answer;
  } finally {
    clearInterval(timer);
  }
}

function triplets(handles: Handles, native: Addon.Triplets): Triplets {
  const handle: Triplets = {
    shape: [native.rows, native.columns],
    baseFrobenius: native.baseFrobenius,
    deltaFrobenius: native.deltaFrobenius,
    singularValues: native.singularValues,
    overlaps: native.overlaps,
    residuals: native.residuals,
    keep: (indices) => direct(() => native.keep([...indices])),
  };
  return handles.register(handle, native);
}

function factors(handles: Handles, native: Addon.Factors): Factors {
  const handle: Factors = {
    shape: [native.rows, native.columns],
    rank: native.rank,
    kept: native.kept,
    error: native.error,
    frobenius: native.frobenius,
    release: () => native.release(),
  };
  return handles.registerFactors(handle, native);
}
