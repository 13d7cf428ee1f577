/** Models of the Hugging Face Hub on their way to this machine. */
import { z } from "zod";
import { progress } from "../progress.ts";
import { hubFacts } from "./checkpoint.ts";
import { dataFormat } from "./training/config.ts";

/**
 * What to bring: `hf://owner/name@revision` or `hf://datasets/owner/name@revision`, the commit that the user was shown,
 * so that no other comes, and of a data set the files.
 */
export const hubDownloadSpec = z.object({
  source: z.string().min(1).max(4096),
  commit: z
    .string()
    .regex(/^[0-9a-f]{40}$/)
    .optional(),
  /** Names of a data set's files; all that hold rows when left out. */
  files: z.array(z.string().max(1000)).min(1).max(5000).optional(),
});
export type HubDownloadSpec = z.infer<typeof hubDownloadSpec>;

/** What of a data set is wanted: rows of a recipe, or those of a ready-made task. */
export const hubSelection = z.union([
  z.strictObject({ format: dataFormat, split: z.enum(["train", "validation"]) }),
  z.strictObject({ task: z.string().max(200) }),
]);
export type HubSelection = z.infer<typeof hubSelection>;

/** What something asks for that is not on this machine: an address of the Hub, and of a data set the files. */
export const hubNeed = z.object({
  /** Of a recipe: `base.path` or `data.files.0.path`. */
  field: z.string(),
  source: z.string(),
  select: hubSelection.nullable(),
});
export type HubNeed = z.infer<typeof hubNeed>;

/** What a download would bring, before a byte of it. */
export const hubPlan = hubFacts.extend({
  repository: z.string(),
  /** The commit that the revision names now. */
  revision: z.string(),
});
export type HubPlan = z.infer<typeof hubPlan>;

/** What a source is from now on: an id names its commit and has a folder in the cache; a path is as it was. */
export const broughtSource = z.object({ location: z.string(), folder: z.string().nullable() });
export type BroughtSource = z.infer<typeof broughtSource>;

/** One event of a download. The last one is `finished` or the stream fails. */
export const hubEvent = z.discriminatedUnion("type", [
  /** What will be loaded, before the first byte. */
  z.object({
    type: z.literal("model"),
    repository: z.string(),
    revision: z.string(),
    licence: z.string().nullable(),
    files: z.number().int(),
    bytes: z.number(),
    missingBytes: z.number(),
  }),
  z.object({ type: z.literal("progress"), progress }),
  z.object({ type: z.literal("finished"), sources: z.array(broughtSource) }),
]);
export type HubEvent = z.infer<typeof hubEvent>;

/** Which token questions to the Hub carry; of the token itself at most its ends. */
export const hubTokenStatus = z.object({
  endpoint: z.string(),
  token: z
    .object({
      from: z.enum(["environment", "keychain", "file"]),
      /** Of the variable or file; the endpoint for which the keychain keeps it. */
      name: z.string(),
      /** "hf_…wxyz". */
      hint: z.string(),
    })
    .nullable(),
  /** Whether the keychain keeps one for this endpoint, used or not; why it cannot be asked. */
  keychain: z.object({ stored: z.boolean(), problem: z.string().nullable() }),
});
export type HubTokenStatus = z.infer<typeof hubTokenStatus>;

/** Whose the token is, as the Hub says. */
export const hubAccount = z.object({
  name: z.string(),
  /** What its owner called it. */
  token: z.string().nullable(),
  /** "read", "write" or "fineGrained". */
  role: z.string().nullable(),
  /** ISO 8601. */
  expiresAt: z.string().nullable(),
});
export type HubAccount = z.infer<typeof hubAccount>;
