/** Puts the parts of one analysis together in a workspace, as one stored run. */
import { randomUUID } from "node:crypto";
import type { CollectEvent } from "../../contract/api.ts";
import { type CollectDocument, type CollectedPart, isComplete, type PartManifest } from "../../contract/domain/part.ts";
import { DeltaScopeError, toDeltaScopeError } from "../../contract/errors.ts";
import { measuredAlerts } from "../analysis/run.ts";
import { ProgressMeter } from "../jobs/progress.ts";
import type { RunRecord, Store } from "../store/types.ts";
import { programVersion } from "../version.ts";
import { findParts } from "./find-parts.ts";
import { standing } from "./gaps.ts";
import { createMerge, type Merged } from "./merge.ts";
import { openPart, type Part } from "./part-folder.ts";
import { checkRows } from "./part-rows.ts";

/**
 * Parts that cannot be taken are told and left out whole, the others go on; the first that can be taken says which
 * analysis it is. What was taken stays when the collecting is cancelled.
 * @throws DeltaScopeError when no part can be taken: what the first was refused for; or `job.cancelled`
 */
export async function* collectParts(
  places: readonly string[],
  store: Store,
  signal: AbortSignal,
): AsyncGenerator<CollectEvent, void> {
  const { told, parts } = await readParts(places, signal);
  const [first] = parts;
  // The first refusal is thrown where nothing is left, and then not told twice.
  const refused = told.slice(first === undefined ? 1 : 0);
  for (const { path, error } of refused) if (error) yield { type: "refused", path, error };
  if (first === undefined) throw nothingToCollect(told);
  const record = startRecord(parts, first.manifest);
  const merge = createMerge(store, (analysis) => labelIn(first.manifest, analysis));
  await putQuestions(first.manifest, store);
  const earlier = await collectedBefore(record, store);
  if (earlier === undefined) await store.startRun(record);
  let isNew = true;
  try {
    yield* takeAll(parts, merge, signal);
    const document = await describe(record, told, first.manifest, merge.found, store);
    if (earlier !== undefined && isComplete(document) && merge.found.added === 0) {
      isNew = false;
      yield { type: "collected", document: { ...document, run: earlier } };
      return;
    }
    record.alerts = [...alertsOf(parts, first.manifest), ...(await moduleAlertsOf(first.manifest, store))];
    record.computed = merge.found.added;
    record.reused = merge.found.stored;
    record.state = isComplete(document) ? "finished" : "interrupted";
    yield { type: "collected", document };
  } catch (thrown) {
    const error = toDeltaScopeError(thrown);
    record.state = error.code === "job.cancelled" ? "cancelled" : "failed";
    throw error;
  } finally {
    record.finishedAt = new Date().toISOString();
    if (isNew) await store.finishRun(record);
  }
}

/** The run that an earlier collecting of the same question left whole: one that finds nothing new is no other run. */
async function collectedBefore({ members }: RunRecord, store: Store): Promise<string | undefined> {
  const [first] = members;
  const runs = (await store.listRuns()).filter(
    ({ analysis, state }) => analysis === first?.analysis && state === "finished",
  );
  for (const { id } of runs) {
    const run = await store.run(id);
    const isSame = run?.spec === undefined && JSON.stringify(run?.members) === JSON.stringify(members);
    if (isSame) return id;
  }
  return undefined;
}

/** Every part with what is told of it, and those that can be taken. */
async function readParts(
  places: readonly string[],
  signal: AbortSignal,
): Promise<{ told: CollectedPart[]; parts: Part[] }> {
  const told: CollectedPart[] = [];
  const parts: Part[] = [];
  for (const path of await findParts(places)) {
    stopWhenCancelled(signal);
    try {
      const part = await openPart(path);
      if (parts.some(({ folder }) => folder === part.folder)) continue;
      refuseOtherQuestion(part, parts[0]);
      await checkRows(part);
      parts.push(part);
      const { shard, files } = part.manifest;
      told.push({ path, shard, modules: files.modules.rows, error: null });
    } catch (thrown) {
      const error = toDeltaScopeError(thrown).toDocument();
      told.push({ path, shard: null, modules: 0, error });
    }
  }
  return { told, parts };
}

function stopWhenCancelled(signal: AbortSignal): void {
  if (signal.aborted) throw new DeltaScopeError("job.cancelled", "Collecting was cancelled; what was taken is kept.");
}

function refuseOtherQuestion({ path, manifest }: Part, first: Part | undefined): void {
  if (first === undefined || manifest.question === first.manifest.question) return;
  const what = (runs: PartManifest["runs"]): string => runs.map(({ label }) => label).join(", ");
  const message =
    `${path} belongs to another analysis (${what(manifest.runs)} on ${manifest.base.path}) ` +
    `than ${first.path} (${what(first.manifest.runs)} on ${first.manifest.base.path}): ` +
    `${differenceOf(manifest, first.manifest)}.`;
  throw new DeltaScopeError("part.other-question", message, path);
}

/** What two questions that look alike differ in. */
function differenceOf(one: PartManifest, other: PartManifest): string {
  const settings = Object.entries(one.settings).flatMap(([name, value]) => {
    const expected = other.settings[name as keyof typeof other.settings];
    return value === expected ? [] : [`${name} is ${value} there and ${expected} here`];
  });
  if (settings.length > 0) return settings.join(", ");
  if (one.base.fingerprint !== other.base.fingerprint) return "the weights of the base differ";
  const weights = (runs: PartManifest["runs"]): string =>
    runs
      .map(({ fingerprint }) => fingerprint)
      .sort()
      .join();
  return weights(one.runs) === weights(other.runs) ? "other modules were asked for" : "the fine-tunes differ";
}

function nothingToCollect(told: readonly CollectedPart[]): DeltaScopeError {
  const error = told[0]?.error;
  if (!error) return new DeltaScopeError("usage.invalid", "No part was named.");
  return new DeltaScopeError(error.code, error.message, error.where);
}

function labelIn({ runs }: PartManifest, analysis: string): string {
  return runs.find((run) => run.analysis === analysis)?.label ?? analysis;
}

/** Seconds and threads are those of the shards together; there is no question to ask again, for the files are elsewhere. */
function startRecord(parts: readonly Part[], { base, settings, embeddings, runs }: PartManifest): RunRecord {
  const manifests = parts.map(({ manifest }) => manifest);
  return {
    id: randomUUID(),
    startedAt: manifests.map(({ startedAt }) => startedAt).sort()[0] as string,
    finishedAt: undefined,
    seconds: manifests.reduce((sum, { seconds }) => sum + seconds, 0),
    state: "running",
    threads: Math.max(...manifests.map(({ threads }) => threads)),
    base,
    settings,
    spec: undefined,
    shard: undefined,
    embeddings,
    reused: 0,
    computed: 0,
    members: runs.map(({ analysis, label, path, modules }) => ({ analysis, label, path, modules })),
    failures: distinct(manifests.flatMap(({ failures }) => failures)),
    alerts: [],
  };
}

/** A question that this workspace asked itself keeps the places that it knows. */
async function putQuestions({ base, settings, runs }: PartManifest, store: Store): Promise<void> {
  for (const { analysis: id, adapter, label, kind, path, fingerprint, pairing, matrices, engineVersion } of runs) {
    if (await store.analysis(id)) continue;
    const known = { label, kind, path, fingerprint, pairing, matrices, engineVersion };
    await store.putAnalysis({ ...known, id, base, settings, adapter: adapter ?? undefined });
  }
}

async function* takeAll(
  parts: readonly Part[],
  merge: ReturnType<typeof createMerge>,
  signal: AbortSignal,
): AsyncGenerator<CollectEvent, void> {
  const total = parts.reduce((sum, { manifest }) => sum + manifest.files.modules.rows, 0);
  const meter = new ProgressMeter({ phase: "collect", unit: "modules", total, cost: total });
  for (const part of parts) {
    let taken = 0;
    await merge.take(part, (modules) => {
      stopWhenCancelled(signal);
      taken += modules;
    });
    stopWhenCancelled(signal);
    const progress = meter.advance(taken, taken, part.path);
    if (progress) yield { type: "progress", progress };
  }
}

async function describe(
  { id, failures }: RunRecord,
  parts: CollectedPart[],
  manifest: PartManifest,
  { added, equal, stored, different, failed }: Merged,
  store: Store,
): Promise<CollectDocument> {
  return {
    schema: "deltascope.collect/1",
    version: programVersion,
    run: id,
    question: manifest.question,
    parts,
    ...(await standing(manifest, store, failed)),
    failures,
    added,
    duplicates: { equal, stored, different },
  };
}

/** Each said once, under the labels of the first part. */
function alertsOf(parts: readonly Part[], first: PartManifest): RunRecord["alerts"] {
  const alerts = parts.flatMap(({ manifest: { alerts, runs } }) =>
    alerts.map((alert) => {
      const analysis = runs.find(({ label }) => label === alert.run)?.analysis;
      return analysis === undefined ? alert : { ...alert, run: labelIn(first, analysis) };
    }),
  );
  return distinct(alerts);
}

async function moduleAlertsOf({ runs }: PartManifest, store: Store): Promise<RunRecord["alerts"]> {
  const alerts: RunRecord["alerts"] = [];
  for (const { analysis, label, path, kind, modules, matrices, vectors } of runs) {
    const pairing = { kind, matrices: { length: matrices }, vectors };
    alerts.push(...(await measuredAlerts({ analysis, label, path, wanted: modules, pairing }, store)));
  }
  return alerts;
}

function distinct<T>(items: readonly T[]): T[] {
  return [...new Map(items.map((item) => [JSON.stringify(item), item])).values()];
}
