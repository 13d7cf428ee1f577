/** Address of the Inspector: every parameter optional, unusable values dropped. */
import { z } from "zod";

export const mapColumns = ["128", "512", "all"] as const;
export type MapColumns = (typeof mapColumns)[number];

export const inspectorSearch = z.object({
  /** Top vectors that are tested, threshold and side: decided again from the stored bounds. */
  k: z.coerce.number().int().min(1).max(256).optional().catch(undefined),
  eps: z.coerce.number().gt(0).lt(1).optional().catch(undefined),
  side: z.enum(["left", "right"]).optional().catch(undefined),
  /** Columns of the cosine map. */
  cols: z.coerce.string().pipe(z.enum(mapColumns)).optional().catch(undefined),
  /** Rows of the table: the intruders, or every tested vector. */
  rows: z.enum(["intruders", "all"]).optional().catch(undefined),
  /** The column of probabilities. */
  p: z.enum(["on"]).optional().catch(undefined),
  /** Factor on the chosen intruders; 1 as trained. */
  lambda: z.coerce.number().min(0).max(2).optional().catch(undefined),
  /** Intruders that λ scales: all, the strongest, or ranks in W that were ticked: `1,3`. */
  which: z.coerce
    .string()
    .regex(/^(?:all|strongest|\d{1,3}(?:,\d{1,3}){0,255})$/)
    .optional()
    .catch(undefined),
  scope: z.enum(["module", "run"]).optional().catch(undefined),
  /** Ids of other runs beside the cumulative energy. */
  with: z.coerce
    .string()
    .regex(/^[0-9a-f]{12}(?:,[0-9a-f]{12}){0,7}$/)
    .optional()
    .catch(undefined),
});
export type InspectorSearch = z.infer<typeof inspectorSearch>;
