/** Writes docs/schemas/*.schema.json from the zod schemas: `npm run schemas`. A test holds them fresh. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import {
  doctorDocument,
  downloadDocument,
  failureDocument,
  hubTokenDocument,
  jobsDocument,
  runsDocument,
  tasksDocument,
  trainingDocument,
  trainingsDocument,
} from "../src/contract/documents.ts";
import { analysisDocument } from "../src/contract/domain/analysis.ts";
import { auditDocument } from "../src/contract/domain/audit.ts";
import { inspectDocument } from "../src/contract/domain/checkpoint.ts";
import { editDocument } from "../src/contract/domain/edit.ts";
import { evaluationDocument } from "../src/contract/domain/evaluation.ts";
import { collectDocument, partManifest } from "../src/contract/domain/part.ts";
import { adviceDocument, figureDocument, figuresDocument, riskDocument } from "../src/contract/domain/theory.ts";
import { recipeFile, sweepDocument, sweepSpec } from "../src/contract/domain/training.ts";

export const schemaFolder = fileURLToPath(new URL("../docs/schemas", import.meta.url));

const documents = {
  analysis: { title: "DeltaScope analysis document", schema: analysisDocument },
  part: { title: "DeltaScope part of an analysis (part.json)", schema: partManifest },
  collect: { title: "DeltaScope document of collected parts", schema: collectDocument },
  inspect: { title: "DeltaScope inspect document", schema: inspectDocument },
  audit: { title: "DeltaScope audit document", schema: auditDocument },
  evaluation: { title: "DeltaScope evaluation document", schema: evaluationDocument },
  edit: { title: "DeltaScope edit document", schema: editDocument },
  "theory-risk": { title: "DeltaScope document of theoretical risks", schema: riskDocument },
  "theory-figure": { title: "DeltaScope document of a theory figure", schema: figureDocument },
  "theory-figures": { title: "DeltaScope document of several theory figures", schema: figuresDocument },
  "theory-advice": { title: "DeltaScope rank advice document", schema: adviceDocument },
  tasks: { title: "DeltaScope list of ready-made tasks", schema: tasksDocument },
  runs: { title: "DeltaScope list of stored runs", schema: runsDocument },
  training: { title: "DeltaScope document of a fine-tune", schema: trainingDocument },
  trainings: { title: "DeltaScope list of fine-tunes", schema: trainingsDocument },
  sweep: { title: "DeltaScope sweep document", schema: sweepDocument },
  jobs: { title: "DeltaScope commands of a sweep's runs", schema: jobsDocument },
  download: { title: "DeltaScope document of downloaded models", schema: downloadDocument },
  "hub-token": { title: "DeltaScope document of the Hub's token", schema: hubTokenDocument },
  doctor: { title: "DeltaScope doctor document", schema: doctorDocument },
  error: { title: "DeltaScope error document", schema: failureDocument },
};

/** What people write: a field that nobody knows is a mistake in it. */
const inputs = {
  recipe: { title: "DeltaScope recipe of a fine-tune (YAML)", schema: recipeFile },
  "sweep-file": { title: "DeltaScope sweep of fine-tunes (YAML)", schema: sweepSpec },
};

/** File name → text of the JSON Schema. Readers must accept fields that they do not know, so none are forbidden. */
export function schemaTexts(): Map<string, string> {
  return new Map([...textsOf(documents, { override: allowMoreFields }), ...textsOf(inputs, { io: "input" })]);
}

function textsOf(
  schemas: Record<string, { title: string; schema: z.ZodType }>,
  options: Parameters<typeof z.toJSONSchema>[1],
): [string, string][] {
  return Object.entries(schemas).map(([name, { title, schema }]) => {
    const generated = z.toJSONSchema(schema, { target: "draft-2020-12", ...options });
    const { $schema, ...rest } = generated;
    return [`${name}.schema.json`, `${JSON.stringify({ $schema, title, ...rest }, undefined, 2)}\n`];
  });
}

function allowMoreFields({ jsonSchema }: { jsonSchema: z.core.JSONSchema.BaseSchema }): void {
  if (jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
}

if (import.meta.main) {
  mkdirSync(schemaFolder, { recursive: true });
  for (const [name, text] of schemaTexts()) writeFileSync(join(schemaFolder, name), text);
}
