/**
 * The output layer: log-probabilities of chosen tokens at chosen places, in slices of the vocabulary, so that neither
 * all logits nor the whole matrix in float32 are ever held.
 */
import { type GraphContext, storedTensor, widened } from "./graph-parts.ts";
import { ELEMENT } from "./model-writer.ts";
import type { Weight } from "./weights.ts";

/** Rows of the output layer that are worked on at a time. */
export const SLICE_ROWS = 19_000;

/** Equal slices of at most `SLICE_ROWS` rows. */
export function slices(rows: number): { first: number; count: number }[] {
  const number = Math.ceil(rows / SLICE_ROWS);
  const size = Math.ceil(rows / number);
  return Array.from({ length: number }, (_, index) => ({
    first: index * size,
    count: Math.min(size, rows - index * size),
  }));
}

/**
 * Inputs `sel` [P] flat places b·S + t to predict from, `row` [K] index into `sel`, `target` [K] token ids; outputs
 * `logp` [K] in nats and `best` [P], the likeliest token.
 */
export function addHead(context: GraphContext, hidden: string, matrix: Weight, vocabRows: number): void {
  const { writer } = context;
  const place = writer.input("sel", ELEMENT.INT64, ["P"]);
  const row = writer.input("row", ELEMENT.INT64, ["K"]);
  const target = writer.input("target", ELEMENT.INT64, ["K"]);
  const states = writer.node("Gather", [hidden, place]);
  const found = slices(vocabRows).map((slice, index) => addSlice(context, states, matrix, { ...slice, index }));
  const across = (what: number): string =>
    writer.node(
      "Concat",
      found.map((name) => column(context, name, what)),
      { axis: 1 },
    );
  const total = writer.node("ReduceLogSumExp", [across(0), writer.integers(1)], { keepdims: 1 });
  const logit = addTargetLogit(context, { states, row, target, matrix });
  const logp = writer.node("Sub", [logit, writer.node("Gather", [total, row])]);
  writer.node("Squeeze", [logp, writer.integers(1)], {}, { outputs: ["logp"] });
  writer.output("logp", ELEMENT.FLOAT, ["K"]);
  const winner = writer.node("ArgMax", [across(1)], { axis: 1, keepdims: 1 });
  const best = writer.node("Squeeze", [
    writer.node("GatherElements", [across(2), winner], { axis: 1 }),
    writer.integers(1),
  ]);
  writer.node("Cast", [best], { to: ELEMENT.INT64 }, { outputs: ["best"] });
  writer.output("best", ELEMENT.INT64, ["P"]);
}

interface Slice {
  index: number;
  first: number;
  count: number;
}

/** One slice's logsumexp, largest logit and its token as three columns. */
function addSlice(context: GraphContext, states: string, matrix: Weight, { index, first, count }: Slice): string {
  const { writer, weights } = context;
  const size = [count, matrix.shape[1] ?? 0];
  const stored = writer.external(`head_${index}`, matrix.element, size, weights.range(matrix, first, count));
  const logits = writer.node("Gemm", [states, widened(context, stored, matrix)], { transB: 1 });
  // logits[0] − logsoftmax(logits)[0]: LogSoftmax is vectorised, ReduceLogSumExp over a slice is not.
  const normalised = writer.node("LogSoftmax", [logits], { axis: 1 });
  const sum = writer.node("Sub", [column(context, logits, 0), column(context, normalised, 0)]);
  const largest = writer.node("ReduceMax", [logits, writer.integers(1)], { keepdims: 1 });
  const position = writer.node("ArgMax", [logits], { axis: 1, keepdims: 1 });
  const token = writer.node("Cast", [writer.node("Add", [position, writer.integers(first)])], { to: ELEMENT.FLOAT });
  // Joined at once: as separate results the runtime would finish all sums first and hold every slice's logits.
  return writer.node("Concat", [sum, largest, token], { axis: 1 });
}

interface TargetLogit {
  states: string;
  row: string;
  target: string;
  matrix: Weight;
}

function addTargetLogit(context: GraphContext, { states, row, target, matrix }: TargetLogit): string {
  const { writer } = context;
  const stored = writer.node("Gather", [storedTensor(context, matrix), target]);
  const wide = matrix.element === ELEMENT.FLOAT ? stored : writer.node("Cast", [stored], { to: ELEMENT.FLOAT });
  const product = writer.node("Mul", [writer.node("Gather", [states, row]), wide]);
  return writer.node("ReduceSum", [product, writer.integers(1)], { keepdims: 1 });
}

function column({ writer }: GraphContext, value: string, index: number): string {
  return writer.node("Slice", [value, writer.integers(index), writer.integers(index + 1), writer.integers(1)]);
}
