/** The exact view of one module. */
import { z } from "zod";
import { cosineMap } from "../domain/cells.ts";
import { procedure } from "./procedure.ts";

export const inspectorProcedures = {
  /** The stored exact view, or null when it was not computed yet. */
  stored: procedure
    .input(z.object({ run: z.string(), name: z.string(), side: z.enum(["left", "right"]) }))
    .output(cosineMap.nullable()),
  /** Computes and stores the exact view of one module. */
  compute: procedure
    .input(z.object({ run: z.string(), name: z.string(), side: z.enum(["left", "right"]) }))
    .output(cosineMap),
};
