/** Editing: checkpoints and adapters that are written, and what an edit would do. */
import { eventIterator } from "@orpc/contract";
import { z } from "zod";
import { alert } from "../alerts.ts";
import { arm, armOutcome, editDocument, editGeometry, editSpec, intervention } from "../domain/edit.ts";
import { progress } from "../progress.ts";
import { procedure } from "./procedure.ts";

/** One event of an edit that is written. The last one is `finished` or the stream fails. */
export const editEvent = z.discriminatedUnion("type", [
  z.object({ type: z.literal("progress"), progress }),
  z.object({ type: z.literal("alert"), alert }),
  z.object({ type: z.literal("finished"), document: editDocument }),
]);
export type EditEvent = z.infer<typeof editEvent>;

export const editsProcedures = {
  run: procedure.input(editSpec).output(eventIterator(editEvent)),
  /** Closed-form numbers of the chosen modules (all with intruders when none are named). */
  geometry: procedure
    .input(z.object({ run: z.string(), modules: z.array(z.string()).optional() }))
    .output(z.array(editGeometry)),
  /** Measured outcome of arms, intruders left included. */
  arms: procedure
    .input(z.object({ run: z.string(), intervention: intervention.omit({ arm: true }), arms: z.array(arm).min(1) }))
    .output(z.array(armOutcome)),
};
