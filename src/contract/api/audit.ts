/** Audits of forgetting: scoring of many variants, and what is stored of it. */
import { eventIterator } from "@orpc/contract";
import { z } from "zod";
import { auditDocument, auditSpec } from "../domain/audit.ts";
import { arm } from "../domain/edit.ts";
import { finding } from "../domain/finding.ts";
import { exportFormat, procedure, runIds, writtenFile } from "./procedure.ts";
import { scoringEvents, scoringPlan } from "./scoring.ts";

export const auditEvent = z.discriminatedUnion("type", [
  ...scoringEvents,
  z.object({ type: z.literal("finished"), document: auditDocument }),
]);
export type AuditEvent = z.infer<typeof auditEvent>;

/** One item as a person reads it, with what every stored variant answered. */
export const itemDetail = z.object({
  task: z.string(),
  index: z.number().int(),
  context: z.string(),
  choices: z.array(z.string()),
  gold: z.array(z.number().int()),
  answers: z.array(
    z.object({
      /** null: the base. */
      run: z.string().nullable(),
      label: z.string(),
      arm,
      lambda: z.number(),
      prediction: z.number().int(),
      loglikelihoods: z.array(z.number()),
      /** exp of the log-likelihoods, normalised over the choices. */
      probabilities: z.array(z.number()),
    }),
  ),
});
export type ItemDetail = z.infer<typeof itemDetail>;

export const auditProcedures = {
  run: procedure.input(auditSpec).output(eventIterator(auditEvent)),
  plan: procedure.input(auditSpec).output(scoringPlan),
  /** What is stored of this question, without computing anything; rows that are missing are absent. */
  stored: procedure.input(auditSpec).output(auditDocument),
  /** The newest audit of each base that the workspace has started, to open the view on. */
  questions: procedure.output(z.array(auditSpec)),
  /** What stored answers say of the old tasks of these runs, in one sentence; none where nothing is stored. */
  oldTasks: procedure.input(runIds).output(z.array(finding)),
  /** `tuned` are the labels and paths of the question; one item with all stored answers. */
  item: procedure.input(auditSpec.extend({ task: z.string(), index: z.number().int() })).output(itemDetail),
  /** Writes a document as a file; CSV holds one row per run × task × λ × arm. */
  export: procedure
    .input(
      z.object({
        document: auditDocument,
        /** Flipped items in full, for pages. */
        examples: z.array(itemDetail).max(50).default([]),
        format: exportFormat.exclude(["parquet"]),
        file: z.string(),
        overwrite: z.boolean().default(false),
      }),
    )
    .output(writtenFile),
};
