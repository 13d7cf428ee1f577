/** What trains: devices, the memory that a run needs on them, and the Python that it runs in. */
import { z } from "zod";
import { errorDocument } from "../../errors.ts";
import { trainingMethod } from "./config.ts";

export const trainingDevice = z.object({
  id: z.string(),
  name: z.string(),
  kind: z.enum(["cuda", "rocm", "mps", "cpu"]),
  memoryBytes: z.number(),
  freeBytes: z.number(),
  bf16: z.boolean(),
});
export type TrainingDevice = z.infer<typeof trainingDevice>;

/** Bytes that will be written, and those that are free there. */
export const diskRoom = z.object({ neededBytes: z.number(), freeBytes: z.number() });
export type DiskRoom = z.infer<typeof diskRoom>;

export const memoryEstimate = z.object({
  method: trainingMethod,
  /** Bytes by part: weights, optimizer, kept inputs, peak, margin. */
  parts: z.record(z.string(), z.number()),
  totalBytes: z.number(),
  /** Where the measured peak is expected: around the formula's total, or around what like runs took. */
  range: z.object({ low: z.number(), high: z.number() }),
  /** Runs of the same base, method, batch and length whose measured peak took the formula's place; 0 for none. */
  measured: z.number().int(),
  /** Of several processes on the processor each may fill its share of what is free. */
  device: trainingDevice,
  fits: z.boolean(),
  /** The cheapest change that fits, as values to set, with a sentence. */
  remedy: z.object({ text: z.string(), values: z.record(z.string(), z.unknown()) }).nullable(),
  /** Other methods at the same settings. */
  others: z.array(
    z.object({ method: trainingMethod, parts: z.record(z.string(), z.number()), totalBytes: z.number() }),
  ),
  /** Of checkpoints and the export, where runs are written by default. */
  disk: diskRoom,
});
export type MemoryEstimate = z.infer<typeof memoryEstimate>;

export const trainingEnvironment = z.object({
  /** Interpreter in use; null when none is ready. */
  python: z.string().nullable(),
  managed: z.boolean(),
  ready: z.boolean(),
  packages: z.record(z.string(), z.string()),
  devices: z.array(trainingDevice),
  /** What is missing, each with the command that mends it. */
  problems: z.array(errorDocument),
});
export type TrainingEnvironment = z.infer<typeof trainingEnvironment>;

/** One event of making the managed environment; the last one is `finished`, or the stream fails. */
export const prepareEvent = z.discriminatedUnion("type", [
  /** `line` is a line of the installer as it came. */
  z.object({ type: z.literal("progress"), step: z.enum(["space", "python", "packages", "probe"]), line: z.string() }),
  z.object({ type: z.literal("finished"), environment: trainingEnvironment }),
]);
export type PrepareEvent = z.infer<typeof prepareEvent>;
