/** The numbered steps that lead from an empty database to today's tables; a published step is never edited. */
import { statements as analysesAndRuns } from "./0001-analyses-and-runs.ts";
import { statements as app } from "./0002-app.ts";
import { statements as bounds } from "./0003-bounds.ts";
import { statements as scores } from "./0004-scores.ts";
import { statements as pins } from "./0005-pins.ts";
import { statements as evaluationAlerts } from "./0006-evaluation-alerts.ts";
import { statements as evaluationFiles } from "./0007-evaluation-files.ts";
import { statements as trainings } from "./0008-trainings.ts";
import { statements as runShards } from "./0009-run-shards.ts";

export interface Migration {
  version: number;
  statements: readonly string[];
}

export const migrations: readonly Migration[] = [
  { version: 1, statements: analysesAndRuns },
  { version: 2, statements: app },
  { version: 3, statements: bounds },
  { version: 4, statements: scores },
  { version: 5, statements: pins },
  { version: 6, statements: evaluationAlerts },
  { version: 7, statements: evaluationFiles },
  { version: 8, statements: trainings },
  { version: 9, statements: runShards },
];
