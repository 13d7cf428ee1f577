/** Lines of the trainer, protocol version 1; unknown types and fields are ignored by readers. */
import { z } from "zod";
import { quantity } from "./quantity.ts";

const line = { v: z.number().int(), seq: z.number().int(), t: z.number() };

export const trainerEvent = z.discriminatedUnion("type", [
  z.object({
    ...line,
    type: z.literal("hello"),
    protocol: z.number().int(),
    pid: z.number().int(),
    version: z.string(),
  }),
  z.object({
    ...line,
    type: z.literal("env"),
    versions: z.record(z.string(), z.string()),
    device: z.string(),
    device_name: z.string(),
    memory: quantity,
    bf16: z.boolean(),
    threads: z.number().int(),
    /** That train together; 1 where it is not said. */
    processes: z.number().int().optional(),
  }),
  z.object({
    ...line,
    type: z.literal("plan"),
    rows: z.number().int(),
    steps: z.number().int(),
    steps_per_epoch: z.number().int(),
    trainable: z.number(),
    total: z.number(),
    tokens_per_epoch: z.number(),
    memory: z.record(z.string(), z.number()),
    config: z.unknown(),
  }),
  z.object({ ...line, type: z.literal("started"), steps: z.number().int(), resumed_from: z.number().int() }),
  z.object({
    ...line,
    type: z.literal("progress"),
    step: z.number().int(),
    steps: z.number().int(),
    epoch: z.number(),
    loss: quantity,
    lr: quantity,
    /** Before clipping. */
    grad_norm: quantity,
    /** Real tokens so far, without padding. */
    tokens: z.number(),
    tps: quantity,
    eta_s: quantity,
    gpu: z.object({ used: z.number(), reserved: z.number(), peak: z.number() }).nullable(),
    rss: z.number(),
  }),
  z.object({
    ...line,
    type: z.literal("eval"),
    step: z.number().int(),
    task: z.string(),
    n: z.number().int(),
    accuracy: quantity,
    mean_logprob: quantity,
    loss: quantity,
  }),
  z.object({
    ...line,
    type: z.literal("checkpoint"),
    step: z.number().int(),
    path: z.string(),
    bytes: z.number(),
    config_sha: z.string(),
  }),
  z.object({
    ...line,
    type: z.literal("warning"),
    code: z.string(),
    message: z.string(),
    details: z.unknown().optional(),
  }),
  z.object({ ...line, type: z.literal("heartbeat"), phase: z.string() }),
  z.object({
    ...line,
    type: z.literal("error"),
    code: z.string(),
    message: z.string(),
    details: z.unknown().optional(),
    step: z.number().int().nullable(),
    retryable: z.boolean(),
  }),
  z.object({ ...line, type: z.literal("cancelled"), step: z.number().int(), checkpoint: z.string().nullable() }),
  z.object({
    ...line,
    type: z.literal("done"),
    step: z.number().int(),
    outputs: z.array(z.object({ kind: z.string(), path: z.string(), sha256: z.string() })),
    final_loss: quantity,
    seconds: z.number(),
  }),
]);
export type TrainerEvent = z.infer<typeof trainerEvent>;
