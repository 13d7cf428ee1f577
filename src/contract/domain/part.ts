/** An analysis cut into parts: what one shard leaves behind, and what became of the parts when they were collected. */
import { z } from "zod";
import { alert } from "../alerts.ts";
import { errorDocument } from "../errors.ts";
import { adapterSummary } from "./adapter.ts";
import { analysisSettings } from "./analysis.ts";
import { checkpointSummary } from "./checkpoint.ts";
import { pairingReport } from "./pair.ts";

/** Schedulers allow about so many tasks in one array (1,001 in Slurm, unless it is told otherwise). */
export const mostShards = 1000;

/** The folder beside a part's files that a shard measures in, unless another workspace is named. */
export const partWorkspace = "workspace";

/** Shard `index` of `count`, counted from 1. */
export const shard = z
  .object({
    index: z.number().int().min(1).max(mostShards),
    count: z.number().int().min(1).max(mostShards),
  })
  .refine(({ index, count }) => index <= count, { message: "The index is above the count.", path: ["index"] });
export type Shard = z.infer<typeof shard>;

/** SHA-256 in hexadecimal digits. */
const hash = z.string().regex(/^[0-9a-f]{64}$/);

/** One run of the whole question: every module that it speaks of, and which shard measures it. */
export const partRun = z.object({
  label: z.string(),
  kind: z.enum(["adapter", "full"]),
  path: z.string(),
  fingerprint: z.string(),
  /** Id of the question about this run. */
  analysis: hash,
  adapter: adapterSummary.nullable(),
  pairing: pairingReport,
  /** Matrices that the pairing holds, those that no filter passes too. */
  matrices: z.number().int().min(0),
  engineVersion: z.string(),
  /** In the order of the pairing, each with the number of its shard at the same place. */
  modules: z.array(z.string()),
  moduleShards: z.array(z.number().int().min(1)),
  /** Norm scales and biases, in the same way. */
  vectors: z.array(z.string()),
  vectorShards: z.array(z.number().int().min(1)),
});
export type PartRun = z.infer<typeof partRun>;

const failedRun = z.object({ label: z.string(), path: z.string(), error: errorDocument });

/** One Parquet file of a part. */
const partFile = z.object({ rows: z.number().int().min(0), bytes: z.number().int().min(1), sha256: hash });

/** `part.json` beside the Parquet files of a part, and what `analyze --shard --json` prints. */
export const partManifest = z.object({
  schema: z.literal("deltascope.part/1"),
  version: z.string(),
  /** Version of the measures; numbers of different versions are not put together. */
  measures: z.number().int(),
  /** Hash of what is asked of all runs together: equal for the parts of one analysis, whatever their number. */
  question: hash,
  shard,
  startedAt: z.string(),
  finishedAt: z.string(),
  seconds: z.number().min(0),
  threads: z.number().int().min(1),
  base: checkpointSummary,
  settings: analysisSettings,
  embeddings: z.boolean(),
  runs: z.array(partRun).min(1),
  /** Runs that could not be opened or paired. */
  failures: z.array(failedRun),
  /** What was odd, except about single matrices: that is told again of all parts together. */
  alerts: z.array(alert.extend({ run: z.string().optional() })),
  files: z.object({ modules: partFile, vectors: partFile, overlaps: partFile }),
});
export type PartManifest = z.infer<typeof partManifest>;

/** A place that was named to `collect`. */
export const collectedPart = z.object({
  path: z.string(),
  /** Null where its manifest could not be read. */
  shard: shard.nullable(),
  /** Modules that it brought, of all runs together; those that were known already count too. */
  modules: z.number().int(),
  /** Why it was refused; nothing of it was taken then. */
  error: errorDocument.nullable(),
});
export type CollectedPart = z.infer<typeof collectedPart>;

/** `collect --json`. */
export const collectDocument = z.object({
  schema: z.literal("deltascope.collect/1"),
  version: z.string(),
  /** Id of the stored run that holds everything together. */
  run: z.string(),
  question: hash,
  parts: z.array(collectedPart),
  runs: z.array(
    z.object({
      label: z.string(),
      analysis: z.string(),
      modules: z.number().int(),
      measured: z.number().int(),
      /** Brought as failed; `analyze` tries them again. */
      failed: z.number().int(),
    }),
  ),
  /** Runs that could not be opened or paired where the shards ran. */
  failures: z.array(failedRun),
  /** Modules of these parts that the workspace did not know before. */
  added: z.number().int(),
  duplicates: z.object({
    /** Modules that several of these parts hold, with the same numbers. */
    equal: z.number().int(),
    /** Modules that the workspace held already, with the same numbers. */
    stored: z.number().int(),
    /** Modules with different numbers: nothing is believed that came with these parts. */
    different: z.array(z.object({ run: z.string(), module: z.string(), error: errorDocument })),
  }),
  gaps: z.object({
    /** Shards that leave modules or vectors missing. */
    shards: z.array(shard),
    modules: z.array(z.object({ run: z.string(), modules: z.array(z.string()) })),
    vectors: z.array(z.object({ run: z.string(), vectors: z.array(z.string()) })),
  }),
});
export type CollectDocument = z.infer<typeof collectDocument>;

/** Whether everything that was asked is there and nothing was refused. */
export function isComplete({ parts, duplicates, gaps, failures }: CollectDocument): boolean {
  const whole = gaps.modules.length === 0 && gaps.vectors.length === 0 && failures.length === 0;
  return whole && duplicates.different.length === 0 && parts.every(({ error }) => error === null);
}
