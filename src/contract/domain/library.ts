/** What a workspace knows of: bases and tuned sources that the user opened, with their letters. */
import { z } from "zod";
import { errorDocument } from "../errors.ts";
import { inspection } from "./checkpoint.ts";

/** One opened source. `inspection` is null when it could not be recognised; `error` then says why. */
export const libraryItem = z.object({
  /** Short stable id, used in addresses. */
  id: z.string(),
  path: z.string(),
  /** Shown name: the folder's, made unique. */
  label: z.string(),
  kind: z.enum(["base", "full", "adapter", "unknown"]),
  /** Letter of a tuned item in the order of adding, "A" … "H", then again from "A"; null for bases. */
  letter: z.string().nullable(),
  /** Item that is its base, if one in the library fits. */
  base: z.string().nullable(),
  addedAt: z.string(),
  bytes: z.number().nullable(),
  inspection: inspection.nullable(),
  error: errorDocument.nullable(),
  /** Newest finished or unfinished analysis against `base`, for "Analysis" in the table. */
  analysis: z.object({ id: z.string(), modules: z.number().int(), total: z.number().int() }).nullable(),
});
export type LibraryItem = z.infer<typeof libraryItem>;
