/** What the workspace's audits say of the old tasks of stored runs: in the app's views and in every document. */
import type { AnalysisDocument } from "../../contract/domain/analysis.ts";
import type { Finding } from "../../contract/domain/finding.ts";
import { oldTasksFinding } from "../audit/audit.ts";
import type { AskedRun } from "../audit/old-tasks.ts";
import { scoringParts } from "./scoring.ts";
import type { Services } from "./services.ts";

/** The caller names runs, no paths: models and tasks are those that the workspace was asked about before. */
export async function storedOldTasks(
  runs: readonly AskedRun[],
  context: Services,
  signal: AbortSignal | undefined,
): Promise<Finding[]> {
  const audits = await (await context.store()).audits();
  if (audits.length === 0) return [];
  const questions = audits.map(({ spec }) => spec);
  return oldTasksFinding(questions, runs, (await scoringParts(context)).audit, signal);
}

/** The document with what was measured in place of the sentence that nothing was. */
export async function withOldTasks(
  document: AnalysisDocument,
  context: Services,
  signal: AbortSignal | undefined,
): Promise<AnalysisDocument> {
  const baseFingerprint = document.base.fingerprint;
  const runs = document.runs.map(({ label, path }) => ({ label, path, baseFingerprint }));
  const told = await storedOldTasks(runs, context, signal);
  if (told.length === 0) return document;
  return { ...document, findings: document.findings.flatMap((entry) => (entry.id === "old-tasks" ? told : [entry])) };
}
