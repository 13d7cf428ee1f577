/** What the Library's address carries. */
import { z } from "zod";

export const librarySearch = z.object({
  /** Item whose details are shown. */
  item: z.string().optional().catch(undefined),
  /** Text that name, kind or problem must hold. */
  q: z.string().optional().catch(undefined),
  kind: z.enum(["base", "full", "adapter", "unknown"]).optional().catch(undefined),
  /** Items chosen for a comparison, separated by commas. */
  picked: z.string().optional().catch(undefined),
});
export type LibrarySearch = z.infer<typeof librarySearch>;
