/** Address of Forgetting: every parameter optional, unusable values dropped. */
import { z } from "zod";
import { arm } from "../../../src/contract/domain/edit.ts";

const runId = /^[0-9a-f]{12}$/;
/** Longest name of a task in an address. */
const longestName = 200;

export const forgettingSearch = z.object({
  /** Ids of runs, in the order of their letters. */
  runs: z.coerce
    .string()
    .regex(/^[0-9a-f]{12}(?:,[0-9a-f]{12}){0,7}$/)
    .optional()
    .catch(undefined),
  /** Task whose flips are listed. */
  task: z.coerce.string().max(longestName).optional().catch(undefined),
  /** `base..<run>`, with `@0.5` for the run at a λ. */
  pair: z.coerce
    .string()
    .regex(/^base\.\.[0-9a-f]{12}(?:@\d(?:\.\d{1,4})?)?$/)
    .optional()
    .catch(undefined),
  flip: z.enum(["lost", "gained"]).optional().catch(undefined),
  item: z.coerce.number().int().min(0).optional().catch(undefined),
  lambda: z.coerce.number().min(0).max(2).optional().catch(undefined),
  /** Arms of the sweep, `scale,step`. */
  arms: z.coerce
    .string()
    .refine((text) => text.split(",").every((name) => arm.safeParse(name).success))
    .optional()
    .catch(undefined),
  /** Run whose λ sweep is shown. */
  of: z.coerce.string().regex(runId).optional().catch(undefined),
  /** Panel beside the table. */
  panel: z.enum(["sweep", "confounds", "stages"]).optional().catch(undefined),
  /** The sheet over the view. */
  sheet: z.enum(["evaluate", "export"]).optional().catch(undefined),
});
export type ForgettingSearch = z.infer<typeof forgettingSearch>;
