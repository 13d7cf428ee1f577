/** A full set of named tensors, known by its header, and what `inspect` says of it. */
import { z } from "zod";
import { alert } from "../alerts.ts";
import { adapterSummary } from "./adapter.ts";

/** What a tensor is in its architecture. */
export const role = z.object({
  /** Layer number; null for tensors outside the stack. */
  layer: z.number().int().nullable(),
  /** `q_proj`, `down_proj`, `embed_tokens`, `lm_head`, `input_layernorm`, … or `other`. */
  kind: z.string(),
  /** Number of the expert in a mixture of experts. */
  expert: z.number().int().nullable(),
  group: z.enum(["attention", "mlp", "router", "embedding", "head", "norm", "bias", "other"]),
});
export type Role = z.infer<typeof role>;

export const checkpointSummary = z.object({
  path: z.string(),
  fingerprint: z.string(),
  architecture: z.string().nullable(),
  family: z.string().nullable(),
  parameters: z.number(),
  dtype: z.string(),
});
export type CheckpointSummary = z.infer<typeof checkpointSummary>;

/** One line of the table "tensors by role". */
export const roleCount = z.object({
  kind: z.string(),
  group: role.shape.group,
  tensors: z.number(),
  parameters: z.number(),
  shape: z.array(z.number()),
  dtypes: z.array(z.string()),
  layers: z.string().nullable(),
});

/** What the Hub says of a model that is not on this machine yet. */
export const hubFacts = z.object({
  licence: z.string().nullable(),
  /** Only people who were given access may load its files. */
  gated: z.boolean(),
  /** What a download brings; `here` names files that are in the cache already. */
  files: z.array(z.object({ name: z.string(), bytes: z.number(), here: z.boolean() })),
  bytes: z.number(),
  missingBytes: z.number(),
});
export type HubFacts = z.infer<typeof hubFacts>;

/** What one path is, from headers and configuration only. It is stored: what is added has a value for older ones. */
export const inspection = z.object({
  path: z.string(),
  kind: z.enum(["full", "adapter"]),
  files: z.array(z.object({ name: z.string(), bytes: z.number() })),
  revision: z.string().nullable(),
  repository: z.string().nullable(),
  /** Fingerprints are null for models that are still on the Hub: they need bytes of the weights. */
  checkpoint: checkpointSummary
    .extend({
      fingerprint: z.string().nullable(),
      layers: z.number(),
      tied: z.boolean(),
      tensors: z.number(),
      /** The format of weights that are not plain numbers, e.g. `4-bit GPTQ`; null for plain ones. */
      quantisation: z.string().nullable().default(null),
    })
    .nullable(),
  adapter: adapterSummary
    .extend({ fingerprint: z.string().nullable(), parameters: z.number(), dtype: z.string() })
    .nullable(),
  roles: z.array(roleCount),
  /** Set for models that are still on the Hub; null for what is on this machine. */
  hub: hubFacts.nullable().default(null),
  alerts: z.array(alert),
});
export type Inspection = z.infer<typeof inspection>;

export const inspectDocument = z.object({
  schema: z.literal("deltascope.inspect/1"),
  version: z.string(),
  items: z.array(inspection),
  errors: z.array(z.object({ path: z.string(), error: z.unknown() })),
});
export type InspectDocument = z.infer<typeof inspectDocument>;
