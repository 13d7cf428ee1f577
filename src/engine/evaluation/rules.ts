/** The scoring rules of lm-evaluation-harness 0.4.13 (Hugging Face backend), token for token. */
import type { ScoreRequest } from "./request.ts";
import { countBytes, countCharacters, splitTrailingSpace } from "./text-rules.ts";

/** What the rules need of a vocabulary. */
export interface Encoder {
  encode(text: string): number[];
  /** Token that stands for "no context". */
  prefix: number;
}

export interface EncodedPair {
  context: number[];
  continuation: number[];
  /** The joint text begins with other tokens than the context: the model sees another prompt than the text's own. */
  changed: boolean;
}

/**
 * Token ids of a context and of what follows it. White space at the end of the context moves to the continuation,
 * unless it is kept; the joint text is encoded and cut at the length of the encoded context, even where the joint
 * encoding begins differently.
 */
export function encodePair(encoder: Encoder, context: string, continuation: string, keepSpace = false): EncodedPair {
  if (context === "") return encodeAlone(encoder, continuation);
  const { text, space } = keepSpace ? { text: context, space: "" } : splitTrailingSpace(context);
  const head = encoder.encode(text);
  const whole = encoder.encode(text + space + continuation);
  const changed = head.some((id, index) => id !== whole[index]);
  return { context: head, continuation: whole.slice(head.length), changed };
}

/** Without a context the prefix token stands in for it, unless the continuation begins with that token. */
function encodeAlone({ encode, prefix }: Encoder, continuation: string): EncodedPair {
  const ids = encode(continuation);
  return ids[0] === prefix
    ? { context: ids.slice(0, 1), continuation: ids.slice(1), changed: false }
    : { context: [prefix], continuation: ids, changed: false };
}

/** Why a pair cannot be scored; lm-evaluation-harness stops with an assertion. */
export function findFault({ context, continuation }: EncodedPair, maxLength: number): string | undefined {
  if (context.length === 0) return "its context holds nothing but white space; leave the context empty instead";
  if (continuation.length === 0) return "it adds no token to its context: it is empty or merges into the last token";
  if (continuation.length > maxLength)
    return `its ${continuation.length} tokens do not fit the window of ${maxLength} tokens`;
  return undefined;
}

/** The last `maxLength` + 1 tokens: a context that is too long loses its beginning. */
export function pairRequest({ context, continuation }: EncodedPair, maxLength: number): ScoreRequest {
  const ids = [...context, ...continuation].slice(-(maxLength + 1));
  return { input: ids.slice(0, -1), targets: continuation };
}

/** Tokens of the context that do not fit the window. */
export function truncatedTokens({ context, continuation }: EncodedPair, maxLength: number): number {
  return Math.max(0, context.length + continuation.length - (maxLength + 1));
}

/**
 * Windows over one document, disjoint in their targets: the first one starts with the prefix token, each further one
 * sees the `maxLength` tokens before its last target, so that a short last window is filled up with context.
 */
export function rollingRequests(tokens: readonly number[], prefix: number, maxLength: number): ScoreRequest[] {
  const requests: ScoreRequest[] = [];
  for (let start = 0; start < tokens.length; start += maxLength) {
    const end = Math.min(start + maxLength, tokens.length);
    const before = end - maxLength - 1;
    const input = start === 0 ? [prefix, ...tokens.slice(0, end - 1)] : tokens.slice(before, end - 1);
    requests.push({ input, targets: tokens.slice(start, end) });
  }
  return requests;
}

/** `numpy.argmax`: the first of equal values, and the first NaN before any number. */
export function argmax(values: readonly number[]): number {
  let best = 0;
  for (const [index, value] of values.entries()) {
    if (Number.isNaN(value)) return index;
    if (value > (values[best] as number)) best = index;
  }
  return best;
}

export interface Predictions {
  prediction: number;
  /** By log-likelihood per character. */
  predictionNorm: number;
  /** By log-likelihood per UTF-8 byte. */
  predictionBytes: number;
}

/** `texts` are the choices without their delimiter, which counts in no length. */
export function predict(loglikelihoods: readonly number[], texts: readonly string[]): Predictions {
  const per = (length: (text: string) => number) =>
    argmax(loglikelihoods.map((value, index) => value / length(texts[index] as string)));
  return {
    prediction: argmax(loglikelihoods),
    predictionNorm: per(countCharacters),
    predictionBytes: per(countBytes),
  };
}

/** Whether a prediction is the right choice, or one of several. */
export function isRight(prediction: number, gold: number | readonly number[]): boolean {
  return typeof gold === "number" ? prediction === gold : gold.includes(prediction);
}

export interface DocumentScore {
  loglikelihood: number;
  words: number;
  bytes: number;
}

export interface Perplexities {
  word_perplexity: number;
  byte_perplexity: number;
  bits_per_byte: number;
}

/** Over all documents together: sums are divided, not figures averaged. */
export function perplexities(documents: readonly DocumentScore[]): Perplexities {
  const sum = (of: (document: DocumentScore) => number) => documents.reduce((total, each) => total + of(each), 0);
  const loglikelihood = sum((each) => each.loglikelihood);
  const bytes = sum((each) => each.bytes);
  return {
    word_perplexity: Math.exp(-loglikelihood / sum((each) => each.words)),
    byte_perplexity: Math.exp(-loglikelihood / bytes),
    bits_per_byte: -loglikelihood / bytes / Math.LN2,
  };
}

export function mean(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0) / values.length;
}

/** Sample standard deviation over √n; undefined for a single value. */
export function standardError(values: readonly number[]): number | undefined {
  if (values.length < 2) return undefined;
  const centre = mean(values);
  const squares = values.reduce((total, value) => total + (value - centre) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1) / values.length);
}
