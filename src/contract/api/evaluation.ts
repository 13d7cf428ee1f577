/** Scores of one variant, and the tasks that are ready-made. */
import { eventIterator } from "@orpc/contract";
import { z } from "zod";
import { evaluationDocument, evaluationSettings, taskSpec, variantSpec } from "../domain/evaluation.ts";
import { procedure, writtenFile } from "./procedure.ts";
import { scoringEvents } from "./scoring.ts";

export const evaluationEvent = z.discriminatedUnion("type", [
  ...scoringEvents,
  z.object({ type: z.literal("finished"), document: evaluationDocument }),
]);
export type EvaluationEvent = z.infer<typeof evaluationEvent>;

/** A ready-made task, or a file of items that the engine knows. */
export const knownTask = z.object({
  name: z.string(),
  /** Key of the ready-made definition; null for files of items. */
  definition: z.string().nullable(),
  title: z.string(),
  kind: z.enum(["choice", "text"]),
  role: taskSpec.shape.role.unwrap(),
  /** Local file that holds its items; null when it must be named or fetched first. */
  file: z.string().nullable(),
  items: z.number().int().nullable(),
  /** Repository of the Hub that publishes it. */
  repository: z.string().nullable(),
});
export type KnownTask = z.infer<typeof knownTask>;

export const evaluationProcedures = {
  /** Scores one variant on tasks; answers of items that are stored are not computed again. */
  run: procedure
    .input(
      z.object({
        variant: variantSpec,
        tasks: z.array(taskSpec).min(1),
        settings: evaluationSettings,
        threads: z.number().int().min(1).optional(),
      }),
    )
    .output(eventIterator(evaluationEvent)),
  /** Ready-made tasks, and the demo's files of items. */
  tasks: procedure.output(z.array(knownTask)),
  /** Writes a document as a JSON file. */
  export: procedure
    .input(z.object({ document: evaluationDocument, file: z.string(), overwrite: z.boolean().default(false) }))
    .output(writtenFile),
};
