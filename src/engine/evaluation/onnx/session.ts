/** One ONNX Runtime session over a scoring model. Lives in the scoring process: its calls block the event loop. */
import type { InferenceSession, Tensor } from "onnxruntime-node";
import { DeltaScopeError, thrownMessage } from "../../../contract/errors.ts";
import type { Row } from "../rows.ts";
import { type Factors, readFactors } from "./factors.ts";
import { checkRows, type Selection, selectPlaces, tokenTensor, treeTensors } from "./feeds.ts";
import type { FactorFile, RowScores, ScoringQuestion, SessionFacts } from "./protocol.ts";

type Runtime = typeof import("onnxruntime-node");

export interface ScoringSession {
  useFactors(file: FactorFile | undefined): void;
  run(rows: readonly Row[]): Promise<RowScores[]>;
}

/** Throws `evaluation.runtime-missing` where the optional package is not installed. */
async function loadRuntime(): Promise<Runtime> {
  try {
    const loaded = await import("onnxruntime-node");
    return "default" in loaded ? (loaded.default as Runtime) : loaded;
  } catch (cause) {
    const reason = thrownMessage(cause).split("\n")[0];
    const message = `onnxruntime-node, which runs the models, cannot be loaded: ${reason}`;
    throw new DeltaScopeError("evaluation.runtime-missing", message, undefined, { cause });
  }
}

export async function runtimeVersion(): Promise<string> {
  const { env } = await loadRuntime();
  return env.versions.node ?? env.versions.common;
}

function sessionOptions(folder: string, threads: number): InferenceSession.SessionOptions {
  return {
    executionProviders: ["cpu"],
    intraOpNumThreads: threads,
    logSeverityLevel: 4,
    // The graph holds the fused operators already; folding constants would keep every weight in float32.
    graphOptimizationLevel: "disabled",
    // Shapes differ from run to run.
    enableMemPattern: false,
    extra: { session: { model_external_initializers_file_folder_path: folder, disable_prepacking: "1" } },
  };
}

export async function openSession(question: Extract<ScoringQuestion, { kind: "open" }>): Promise<ScoringSession> {
  const { model, folder, threads, facts } = question;
  const runtime = await loadRuntime();
  const session = await runtime.InferenceSession.create(model, sessionOptions(folder, threads));
  let factors: Factors = readFactors(undefined, facts.factors);
  return {
    useFactors: (file) => {
      factors = readFactors(file, facts.factors);
    },
    run: async (rows) => {
      const length = checkRows(rows, facts);
      const selection = selectPlaces(rows, length);
      const feeds = makeFeeds(runtime, { rows, length, selection, facts, factors });
      requireInputs(session, feeds);
      return readScores(rows, selection, await session.run(feeds));
    },
  };
}

interface Batch {
  rows: readonly Row[];
  length: number;
  selection: Selection;
  facts: SessionFacts;
  factors: Factors;
}

function makeFeeds(runtime: Runtime, { rows, length, selection, facts, factors }: Batch): Record<string, Tensor> {
  const integers = (values: BigInt64Array, dimensions: number[]): Tensor =>
    new runtime.Tensor("int64", values, dimensions);
  const list = (values: bigint[]): Tensor => integers(BigInt64Array.from(values), [values.length]);
  const feeds: Record<string, Tensor> = {
    input_ids: integers(tokenTensor(rows, length), [rows.length, length]),
    sel: list(selection.places),
    row: list(selection.place),
    target: list(selection.target),
  };
  if (facts.packed) {
    const { positions, bias } = treeTensors(rows, length);
    feeds.position_ids = integers(positions, [rows.length, length]);
    feeds.attention_bias = new runtime.Tensor("float32", bias, [rows.length, 1, length, length]);
  }
  for (const { module, inputs, outputs } of facts.factors) {
    const { rank, a, b } = factors(module);
    feeds[`${module}.A`] = new runtime.Tensor("float32", a, [rank, inputs]);
    feeds[`${module}.B`] = new runtime.Tensor("float32", b, [outputs, rank]);
  }
  return feeds;
}

/** Feeds under a name that the graph does not know are ignored by the runtime, so the names are compared here. */
function requireInputs({ inputNames }: InferenceSession, feeds: Readonly<Record<string, Tensor>>): void {
  const wanted = [...inputNames].sort().join();
  if (wanted !== Object.keys(feeds).sort().join()) throw new DeltaScopeError("internal", "Inputs and graph differ.");
}

function readScores(rows: readonly Row[], selection: Selection, output: InferenceSession.ReturnType): RowScores[] {
  const logProbabilities = output.logp?.data;
  const best = output.best?.data;
  if (!(logProbabilities instanceof Float32Array && best instanceof BigInt64Array)) {
    throw new DeltaScopeError("internal", "The scoring graph gave no log-probabilities.");
  }
  return rows.map(({ targets }, row) => {
    const start = selection.starts[row] ?? 0;
    const scores = logProbabilities.slice(start, start + targets.length);
    const greedy = targets.map((target, k) => best[Number(selection.place[start + k])] === BigInt(target));
    return { logProbabilities: scores, greedy };
  });
}
