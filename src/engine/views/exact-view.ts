/** The exact view of one module: full spectra, and how each top vector of W lies to every base vector. */
import type { CosineMap } from "../../contract/domain/cells.ts";
import type { MatrixPair } from "../../contract/domain/pair.ts";
import { DeltaScopeError } from "../../contract/errors.ts";
import { mergedDtype } from "../analysis/execute.ts";
import { open } from "../checkpoint/open.ts";
import type { Jobs } from "../jobs/jobs.ts";
import type { Backend, ExactAnswer } from "../linalg/backend.ts";
import { pair } from "../pairing/pair.ts";
import { quote } from "../source/quote.ts";
import type { AnalysisRecord, ExactViewRecord, Store } from "../store/types.ts";

/** Rows of a map: top vectors of W, more than any test looks at. */
const mostRows = 64;
/** Columns kept of a map: 1.2 MB a side; the best cosine of each row is over all base vectors all the same. */
const mostColumns = 4864;

type Side = "left" | "right";

export async function storedExactView(
  store: Store,
  key: Pick<ExactViewRecord, "analysis" | "name" | "side">,
): Promise<CosineMap | undefined> {
  const view = await store.exactView(key);
  return view && toMap(view);
}

interface ViewServices {
  store: Store;
  backend: Backend;
  jobs: Jobs<"exact-view">;
  /** Threads that a decomposition may take. */
  threads: number;
}

/**
 * Computes both sides by full decompositions and keeps them.
 * @throws DeltaScopeError `source.changed` when a source is not the one that was analysed, `run.not-found` for an
 * unknown module, `checkpoint.quantised` without a readable base, `job.cancelled`, and what opening throws
 */
export async function computeExactView(
  record: AnalysisRecord,
  { name, side }: { name: string; side: Side },
  services: ViewServices,
  signal: AbortSignal | undefined,
): Promise<CosineMap> {
  const { store, jobs } = services;
  const key = { analysis: record.id, name, side };
  const work = async function* (job: { signal: AbortSignal }): AsyncGenerator<CosineMap> {
    const known = await storedExactView(store, key); // whoever waited in line may find the answer there
    yield known ?? (await compute(record, name, side, services, job.signal));
  };
  for await (const map of jobs.runJob("exact-view", work, { signal })) return map;
  throw new DeltaScopeError("internal", "The exact view ended without an answer.");
}

async function compute(
  record: AnalysisRecord,
  name: string,
  side: Side,
  { store, backend, threads }: ViewServices,
  signal: AbortSignal,
): Promise<CosineMap> {
  const started = performance.now();
  const matrix = await findPair(record, name);
  if (!matrix.base) {
    throw new DeltaScopeError(
      "checkpoint.quantised",
      `The base of ${quote(name)} is quantised and cannot be read.`,
      name,
    );
  }
  const answer = await backend.inspectModule(
    {
      name,
      base: matrix.base,
      delta: matrix.delta,
      asMerged: record.settings.asMerged ? mergedDtype(matrix.base, undefined) : undefined,
      k: Math.min(mostRows, ...matrix.shape),
      threads,
    },
    signal,
  );
  const seconds = (performance.now() - started) / 1000;
  const views = { left: viewOf("left", answer, seconds), right: viewOf("right", answer, seconds) };
  const key = { analysis: record.id, name };
  await store.putExactViews([views.left, views.right].map((view) => ({ ...key, ...view })));
  return toMap(views[side]);
}

/** Opens the sources of the record again and pairs them. */
async function findPair(record: AnalysisRecord, name: string): Promise<MatrixPair> {
  const [base, tuned] = await Promise.all([open(record.base.path), open(record.path)]);
  requireUnchanged(base.fingerprint, record.base.fingerprint, record.base.path);
  requireUnchanged(tuned.fingerprint, record.fingerprint, record.path);
  const { matrices } = await pair(base, tuned);
  const matrix = matrices.find((one) => one.name === name);
  if (matrix) return matrix;
  throw new DeltaScopeError("run.not-found", `Run ${record.label} has no module ${quote(name)}.`, name);
}

function requireUnchanged(now: string, then: string, path: string): void {
  if (now === then) return;
  const message = `${quote(path)} holds other weights than when it was analysed. Analyse it again first.`;
  throw new DeltaScopeError("source.changed", message, path);
}

type View = Omit<ExactViewRecord, "analysis" | "name">;

function viewOf(side: Side, answer: ExactAnswer, seconds: number): View {
  const all = answer[side];
  const width = answer.base.length;
  const columns = Math.min(width, mostColumns);
  const cosines = new Float32Array(answer.examined * columns);
  const best = Array.from({ length: answer.examined }, (_, row) => {
    const values = all.subarray(row * width, (row + 1) * width);
    cosines.set(values.subarray(0, columns), row * columns);
    return values.reduce((largest, value) => Math.max(largest, value), 0);
  });
  return {
    side,
    rows: answer.examined,
    columns,
    cosines: littleEndian(cosines),
    best,
    base: Array.from(answer.base),
    tuned: Array.from(answer.tuned),
    seconds,
  };
}

function littleEndian(values: Float32Array): Uint8Array {
  const view = new DataView(new ArrayBuffer(values.byteLength));
  values.forEach((value, index) => void view.setFloat32(index * Float32Array.BYTES_PER_ELEMENT, value, true));
  return new Uint8Array(view.buffer);
}

function toMap({ side, rows, columns, cosines, best, base, tuned, seconds }: View): CosineMap {
  return { side, rows, columns, cosines: Buffer.from(cosines).toString("base64"), best, base, tuned, seconds };
}
