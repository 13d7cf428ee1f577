/** A checkpoint as an ONNX model whose weights stay in the safetensors files. */
import { type Alert, makeAlert } from "../../../contract/alerts.ts";
import { DeltaScopeError } from "../../../contract/errors.ts";
import type { Checkpoint } from "../../checkpoint/checkpoint.ts";
import { quote } from "../../source/quote.ts";
import { PACKED_ROW_TOKENS } from "../rows.ts";
import { addDecoder } from "./decoder.ts";
import type { FactorInput, GraphContext } from "./graph-parts.ts";
import { addHead } from "./head.ts";
import { type ModelShape, modelShape } from "./model-shape.ts";
import { ModelWriter } from "./model-writer.ts";
import { openWeights, type Weight, type Weights } from "./weights.ts";

export interface ModelQuestion {
  /** Modules that take low-rank factors. */
  linears: readonly string[];
  /** Longest input that will be run. */
  maxTokens: number;
  /** Only so many rows of the output layer take part in the softmax; all when left out. */
  vocabRows: number | undefined;
  packed: boolean;
}

export interface ScoringModel {
  shape: ModelShape;
  /** The encoded ONNX model, without the matrices. */
  bytes: Uint8Array;
  /** Folder that the weights are found below. */
  folder: string;
  factors: FactorInput[];
  maxTokens: number;
  /** Longest row: packed ones may be longer than any single input. */
  rowTokens: number;
  vocabRows: number;
  packed: boolean;
  alerts: Alert[];
}

const EMBEDDING = "model.embed_tokens.weight";
const HEAD = "lm_head.weight";

/** Throws `evaluation.unsupported` naming the field or tensor that cannot be expressed. */
export function buildScoringModel(checkpoint: Checkpoint, question: ModelQuestion): ScoringModel {
  const shape = modelShape(checkpoint);
  checkQuestion(shape, question, checkpoint.source.root);
  const weights = openWeights(checkpoint);
  const tables = findTables(shape, weights);
  const writer = new ModelWriter();
  const wanted = new Set(question.linears);
  const context: GraphContext = { writer, shape, weights, packed: question.packed, wanted, factors: [] };
  const rowTokens = question.packed ? Math.max(question.maxTokens, PACKED_ROW_TOKENS) : question.maxTokens;
  const hidden = addDecoder(context, tables.embedding, rowTokens);
  const vocabRows = question.vocabRows ?? shape.vocabulary;
  addHead(context, hidden, tables.head, vocabRows);
  refuseUnknownModules(context, checkpoint.source.root);
  const { maxTokens, packed } = question;
  const facts = { factors: context.factors, maxTokens, rowTokens, vocabRows, packed };
  return { shape, bytes: writer.encode(), folder: weights.folder, ...facts, alerts: tables.alerts };
}

function checkQuestion(shape: ModelShape, { maxTokens, vocabRows, packed }: ModelQuestion, where: string): void {
  const refuse = (message: string): never => {
    throw new DeltaScopeError("evaluation.unsupported", message, where);
  };
  if (packed && shape.windows.some((window) => window !== undefined)) {
    refuse("Rows cannot be packed for a model with sliding windows, which count places in the row.");
  }
  if (shape.rope.type === "dynamic" && maxTokens > shape.maxPositions) {
    refuse(`Dynamic rotary scaling changes beyond ${shape.maxPositions} tokens; ${maxTokens} were asked for.`);
  }
  if (vocabRows !== undefined && !(Number.isInteger(vocabRows) && vocabRows >= 1 && vocabRows <= shape.vocabulary)) {
    refuse(`${vocabRows} rows of the output layer were asked for; it has ${shape.vocabulary}.`);
  }
}

function refuseUnknownModules({ wanted, factors }: GraphContext, where: string): void {
  const taken = new Set(factors.map(({ module }) => module));
  const unknown = [...wanted].find((module) => !taken.has(module));
  if (unknown === undefined) return;
  const message = `${quote(unknown)} is no linear layer of this model that can carry an edit while it is scored.`;
  throw new DeltaScopeError("evaluation.unsupported", message, where);
}

interface Tables {
  embedding: Weight;
  head: Weight;
  alerts: Alert[];
}

/** A tied checkpoint may hold its one table under either name; where it holds two, the embedding counts. */
function findTables({ tied, vocabulary, hidden }: ModelShape, weights: Weights): Tables {
  const size = [vocabulary, hidden];
  if (!tied) return { embedding: weights.get(EMBEDDING, size), head: weights.get(HEAD, size), alerts: [] };
  const embedding = weights.get(weights.has(EMBEDDING) || !weights.has(HEAD) ? EMBEDDING : HEAD, size);
  const alerts = weights.has(EMBEDDING) && weights.has(HEAD) ? headAlerts(weights.get(HEAD, size)) : [];
  return { embedding, head: embedding, alerts };
}

/** A head that equals the embedding is no tensor of an opened checkpoint. */
function headAlerts(head: Weight): Alert[] {
  const message =
    "config.json ties output layer and embedding, but the file holds a lm_head.weight of its own that differs.";
  return [makeAlert("evaluation.head-ignored", message, head.tensor.path)];
}
