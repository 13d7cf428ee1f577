/** Scoring a model on tasks: what is asked, what every item answered, and the document. */
import { z } from "zod";
import { alert } from "../alerts.ts";
import { errorDocument } from "../errors.ts";
import { intervention } from "./edit.ts";

/** One line of a multiple-choice task. */
export const choiceItem = z.object({
  context: z.string(),
  choices: z.array(z.string()).min(1),
  /** Right choice, or several of them. */
  gold: z.union([z.number().int(), z.array(z.number().int()).min(1)]),
  /** Stands between context and choice and never counts in a length. */
  delimiter: z.string().optional(),
  /**
   * White space at the end of the context stays there instead of moving to what follows it (lm-eval's rule, which shows
   * the model another prompt where a line break is one token with the sign before it, as in "Response:\n").
   */
  keepSpace: z.boolean().optional(),
  /** Stands before the context; with a chat template it becomes the system turn. */
  description: z.string().optional(),
  /** Sentences with a blank: choices end the context, and this text is scored after each (lm-eval's multiple inputs). */
  ending: z.string().optional(),
  /** Items of one group (a passage with several questions) are drawn together in intervals. */
  group: z.string().optional(),
});
export type ChoiceItem = z.infer<typeof choiceItem>;

/** One document of a perplexity task; counts are those of the text unless given. */
export const textItem = z.object({
  text: z.string(),
  words: z.number().int().optional(),
  bytes: z.number().int().optional(),
});
export type TextItem = z.infer<typeof textItem>;

export const taskRole = z.enum(["new", "retain"]);

/** A task as it is asked for: a file of items, or a ready-made task with the file that holds its data. */
export const taskSpec = z.object({
  /** Shown name; unique within a question. */
  name: z.string(),
  /** JSON lines of items, or the public data file of `definition`. */
  file: z.string(),
  /** Ready-made task: boolq, commonsense_qa, mmlu, …; left out for files of items. */
  definition: z.string().optional(),
  role: taskRole.default("retain"),
});
export type TaskSpec = z.infer<typeof taskSpec>;

/** Settings that change numbers; the same for everything that is compared. */
export const evaluationSettings = z.object({
  /** Tokens; the model's max_position_embeddings when left out. */
  maxLength: z.number().int().min(2).optional(),
  vocab: z.enum(["model", "tokenizer"]).default("model"),
  prefixToken: z.number().int().min(0).optional(),
  /** A seeded sample of so many items of each task. */
  limit: z.number().int().positive().optional(),
  seed: z.number().int().min(0).default(0),
  /** Put contexts into the tokenizer's own chat template as one user turn. */
  chatTemplate: z.boolean().default(false),
});
export type EvaluationSettings = z.infer<typeof evaluationSettings>;

/** What is scored: a checkpoint, with an adapter or against another checkpoint, with an edit. */
export const variantSpec = z.object({
  base: z.string(),
  /** Adapter or full checkpoint; left out for the base itself. */
  tuned: z.string().optional(),
  intervention: intervention.optional(),
});
export type VariantSpec = z.infer<typeof variantSpec>;

export const choiceResult = z.object({
  index: z.number().int(),
  /** Log-likelihood of each choice, nats. */
  loglikelihoods: z.array(z.number()),
  prediction: z.number().int(),
  /** By log-likelihood per character. */
  predictionNorm: z.number().int(),
  /** By log-likelihood per UTF-8 byte. */
  predictionBytes: z.number().int(),
  gold: z.union([z.number().int(), z.array(z.number().int())]),
  /** Whether each choice is what greedy decoding would write. */
  greedy: z.array(z.boolean()).optional(),
});
export type ChoiceResult = z.infer<typeof choiceResult>;

export const textResult = z.object({
  index: z.number().int(),
  /** Nats over the whole document. */
  loglikelihood: z.number(),
  words: z.number().int(),
  bytes: z.number().int(),
  tokens: z.number().int().optional(),
});
export type TextResult = z.infer<typeof textResult>;

/** An item that could not be scored; the others count. */
export const itemError = z.object({ index: z.number().int(), error: errorDocument });

/** Shares of right answers by each prediction, with the standard error of the mean; null for a single item. */
export const choiceMetrics = z.object({
  acc: z.number(),
  acc_norm: z.number(),
  acc_bytes: z.number(),
  acc_stderr: z.number().nullable(),
  acc_norm_stderr: z.number().nullable(),
  acc_bytes_stderr: z.number().nullable(),
});

export const choiceTaskResult = z.object({
  task: z.string(),
  file: z.string(),
  items: z.number().int(),
  metrics: choiceMetrics,
  perItem: z.array(choiceResult),
  errors: z.array(itemError),
});
export type ChoiceTaskResult = z.infer<typeof choiceTaskResult>;

export const textTaskResult = z.object({
  task: z.string(),
  file: z.string(),
  items: z.number().int(),
  tokens: z.number().int(),
  word_perplexity: z.number(),
  byte_perplexity: z.number(),
  bits_per_byte: z.number(),
  perItem: z.array(textResult),
  errors: z.array(itemError),
});
export type TextTaskResult = z.infer<typeof textTaskResult>;

export const evaluationDocument = z.object({
  schema: z.literal("deltascope.evaluation/1"),
  version: z.string(),
  model: z.object({ path: z.string(), fingerprint: z.string() }),
  adapter: z.object({ path: z.string(), fingerprint: z.string() }).nullable(),
  intervention: intervention.nullable(),
  settings: evaluationSettings.extend({
    maxLength: z.number().int(),
    prefixToken: z.number().int(),
    vocabRows: z.number().int(),
    threads: z.number().int(),
    packed: z.boolean(),
  }),
  /** Work done: rows and tokens after sharing, and how many items came from the store. */
  provenance: z.object({
    method: z.string(),
    /** The model was merged into a checkpoint of the workspace first, and why; null when it ran unmerged. */
    merged: z.string().nullable(),
    requests: z.number().int(),
    rows: z.number().int(),
    tokens: z.number().int(),
    reused: z.number().int(),
    seconds: z.number(),
  }),
  tasks: z.array(choiceTaskResult),
  perplexity: z.array(textTaskResult),
  alerts: z.array(alert),
});
export type EvaluationDocument = z.infer<typeof evaluationDocument>;
