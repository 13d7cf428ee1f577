/** Models of the Hugging Face Hub on their way to this machine. */
import { z } from "zod";
import { progress } from "../progress.ts";

/** One model to bring: `hf://owner/name@revision`, and the commit that the user was shown, so that no other comes. */
export const hubDownloadSpec = z.object({
  source: z.string().min(1).max(4096),
  commit: z
    .string()
    .regex(/^[0-9a-f]{40}$/)
    .optional(),
});
export type HubDownloadSpec = z.infer<typeof hubDownloadSpec>;

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
