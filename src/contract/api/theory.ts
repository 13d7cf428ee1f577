/** The linear model of fine-tuning. */
import { eventIterator } from "@orpc/contract";
import { z } from "zod";
import {
  adviceDocument,
  adviceQuestion,
  figureDocument,
  figureEvent,
  figureName,
  figuresDocument,
  measuredOrder,
  measuredOrderQuestion,
  measuredSpectrum,
  rankMap,
  riskDocument,
  riskQuestion,
  simulationEvent,
  simulationQuestion,
  theorySweep,
  theorySweepQuestion,
} from "../domain/theory.ts";
import { procedure, writtenFile } from "./procedure.ts";

/** What the theory commands print, beside its table. */
const theoryDocument = z.discriminatedUnion("schema", [riskDocument, figureDocument, figuresDocument, adviceDocument]);
export type TheoryDocument = z.infer<typeof theoryDocument>;

const cell = z.union([z.string(), z.number(), z.null()]);

export const theoryProcedures = {
  /** Writes a document as .json, or its table, whose first row is the head, as .csv. */
  export: procedure
    .input(
      z.object({
        content: z.discriminatedUnion("format", [
          z.object({ format: z.literal("json"), document: theoryDocument }),
          z.object({ format: z.literal("csv"), rows: z.array(z.array(cell)) }),
        ]),
        file: z.string(),
        overwrite: z.boolean().default(false),
      }),
    )
    .output(writtenFile),
  risk: procedure.input(riskQuestion).output(riskDocument),
  sweep: procedure.input(theorySweepQuestion).output(theorySweep),
  /** Closed forms first, then the simulated means as they come. */
  figure: procedure
    .input(
      z.object({
        name: figureName,
        replicates: z.number().int().min(0).max(100_000).default(100),
        seed: z.number().int().min(0).default(1),
      }),
    )
    .output(eventIterator(figureEvent)),
  /** Simulated means beside closed forms, place by place; a reader that stops listening ends it. */
  simulate: procedure.input(simulationQuestion).output(eventIterator(simulationEvent)),
  /** One measured spectrum of a stored run, to feed the lab with. */
  spectrum: procedure.input(z.object({ run: z.string(), module: z.string().optional() })).output(measuredSpectrum),
  /** Stored accuracies by rank beside the order that a setting predicts; null without such a sweep. */
  measured: procedure.input(measuredOrderQuestion).output(measuredOrder.nullable()),
  advise: procedure.input(adviceQuestion).output(adviceDocument),
  /** Recommended rank of the whole source over samples and noise. */
  rankMap: procedure
    .input(
      z.object({
        source: adviceQuestion.shape.source,
        n: rankMap.shape.n.max(64),
        rho: rankMap.shape.rho.max(64),
      }),
    )
    .output(rankMap),
  /** One question of the golden file's kinds. */
  ask: procedure.input(z.object({ kind: z.string(), input: z.unknown() })).output(z.unknown()),
};
