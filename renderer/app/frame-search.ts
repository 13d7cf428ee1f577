/** Search parameters that every route takes. */
import { z } from "zod";

export const frameSearch = z.object({
  /** Workspace that the link was made in. */
  ws: z.string().max(200).optional(),
  /** The drawers over any view. */
  jobs: z.literal("open").optional(),
  report: z.literal("open").optional(),
});

export const frameParameters: readonly string[] = Object.keys(frameSearch.shape);
