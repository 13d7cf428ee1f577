/** One analysis from places on disk to stored measures, as a stream of events that every shell consumes. */
import { randomUUID } from "node:crypto";
import type { Alert } from "../../contract/alerts.ts";
import type { AnalysisEvent } from "../../contract/api.ts";
import type { AnalysisSpec, ModuleMeasures } from "../../contract/domain/analysis.ts";
import type { Shard } from "../../contract/domain/part.ts";
import { DeltaScopeError, toDeltaScopeError } from "../../contract/errors.ts";
import { ProgressMeter } from "../jobs/progress.ts";
import type { Backend } from "../linalg/backend.ts";
import type { AnalysisRecord, RunRecord, Store } from "../store/types.ts";
import { filterInTurns } from "../turns.ts";
import { measuresVersion, programVersion } from "../version.ts";
import { moduleAlerts } from "./alerts.ts";
import { checkEvidence } from "./evidence.ts";
import { computeUnit } from "./execute.ts";
import { noEffectAlerts, type Paired } from "./no-effect.ts";
import { computeOverlaps } from "./overlap.ts";
import { type PlannedRun, planUnits, summarizePlan, type Unit } from "./plan.ts";
import { type Prepared, type PreparedRun, prepare, summarizeBase } from "./prepare.ts";
import { sidesFor } from "./question.ts";
import { assignThreads, onceSettled, runWeighted } from "./schedule.ts";
import { measureVectors } from "./vectors.ts";

/** Memory beyond the mapped files that an analysis may take when the caller names no limit. */
export const defaultMemoryBytes = 1.5e9;

export interface AnalysisServices {
  backend: Backend;
  store: Store;
}

/** Modules and vectors that this execution measures, by name; the whole question where it is left out. */
export interface Share {
  shard: Shard;
  modules: ReadonlySet<string>;
  vectors: ReadonlySet<string>;
}

/** What is asked, opened and paired: everything that can be known without computing. */
export interface OpenedQuestion {
  spec: AnalysisSpec;
  prepared: Prepared;
  threads: number;
}

/** How an execution ended, with what was odd about tensors outside the matrices. */
export interface Answered {
  record: RunRecord;
  vectorAlerts: RunAlert[];
}

type RunAlert = Alert & { run: string };

/** A prepared run with what the store already holds and what is still to compute. */
interface Member extends PreparedRun {
  wanted: string[];
  stored: ModuleMeasures[];
}

/**
 * Runs a spec. Modules already stored for the same question are answered from the store; every other one is committed
 * as soon as it is measured, so that a cancelled or killed run keeps what it finished.
 * @throws DeltaScopeError when nothing at all can be analysed, or `job.cancelled`.
 */
export async function* runAnalysis(
  spec: AnalysisSpec,
  services: AnalysisServices,
  signal?: AbortSignal,
): AsyncGenerator<AnalysisEvent, void> {
  const question = await openQuestion(spec, services.backend, signal);
  const { record } = yield* answerQuestion(question, services, signal);
  yield { type: "finished", analysis: record.id };
}

export async function openQuestion(
  spec: AnalysisSpec,
  backend: Backend,
  signal: AbortSignal | undefined,
): Promise<OpenedQuestion> {
  const prepared = await prepare(spec);
  await settleEvidence(prepared, backend, signal);
  return { spec, prepared, threads: Math.min(spec.threads ?? backend.threads, backend.threads) };
}

/** Measures a question, or a share of it, which may be empty; everything but the event `finished`. */
export async function* answerQuestion(
  question: OpenedQuestion,
  services: AnalysisServices,
  signal: AbortSignal | undefined,
  share?: Share,
): AsyncGenerator<AnalysisEvent, Answered> {
  const started = Date.now();
  const { spec, prepared, threads } = question;
  const { backend, store } = services;
  const record = startRecord(question, share);
  const analyses = prepared.runs.map(({ label, analysis }) => ({ label, analysis }));
  yield { type: "started", job: record.id, threads, analyses };
  for (const failure of prepared.failures) yield { type: "run-failed", ...failure };
  for (const { run, ...alert } of prepared.alerts) yield { type: "alert", alert, run };

  if (prepared.runs.every((run) => isEmpty(run, question))) noModules(spec);
  const members = await Promise.all(prepared.runs.map((run) => lookUp(run, prepared, store, share)));
  record.members = members.map(({ analysis, label, path, wanted }) => ({ analysis, label, path, modules: wanted }));
  await store.startRun(record);
  try {
    const vectorAlerts = yield* measureAll(spec, members, record, services, signal);
    if (!spec.settings.quick) await computeOverlaps(members, backend, store, signal);
    record.state = "finished";
    return { record, vectorAlerts };
  } catch (thrown) {
    const error = toDeltaScopeError(thrown);
    record.state = error.code === "job.cancelled" ? "cancelled" : "failed";
    throw error;
  } finally {
    record.finishedAt = new Date().toISOString();
    record.seconds = (Date.now() - started) / 1000;
    await store.finishRun(record);
  }
}

/** Names of the matrices that pass the filters, in the order of the pairing. */
export function wantedModules({ pairing }: PreparedRun, { filter }: Prepared): string[] {
  return pairing.matrices.filter(filter).map(({ name }) => name);
}

/** Some families change nothing but norms or biases; a filter asks for matrices. */
function isEmpty(run: PreparedRun, { spec, prepared }: OpenedQuestion): boolean {
  const hasFilter = spec.modules !== undefined || spec.layers !== undefined;
  return wantedModules(run, prepared).length === 0 && (hasFilter || run.pairing.vectors.length === 0);
}

/** Evidence that needs weights is settled before any number is shown: it can change what is paired. */
async function settleEvidence(prepared: Prepared, backend: Backend, signal: AbortSignal | undefined): Promise<void> {
  for (const run of prepared.runs) {
    const checked = await checkEvidence(run.pairing, backend, signal);
    run.pairing = checked.pairing;
    prepared.alerts.push(...checked.alerts.map((alert) => ({ ...alert, run: run.label })));
  }
}

/** An interrupted share is not taken up as the whole question would be: whoever asked for it asks again. */
function startRecord({ spec, prepared, threads }: OpenedQuestion, share: Share | undefined): RunRecord {
  return {
    id: randomUUID(),
    startedAt: new Date().toISOString(),
    finishedAt: undefined,
    seconds: undefined,
    state: "running",
    threads,
    base: summarizeBase(prepared.base),
    settings: spec.settings,
    spec: share === undefined ? spec : undefined,
    // The only one of its kind is the whole.
    shard: share?.shard.count === 1 ? undefined : share?.shard,
    embeddings: spec.embeddings,
    reused: 0,
    computed: 0,
    members: [],
    failures: prepared.failures,
    alerts: prepared.alerts,
  };
}

/** Writes the question down and asks the store what it knows of it. */
async function lookUp(run: PreparedRun, prepared: Prepared, store: Store, share: Share | undefined): Promise<Member> {
  const { analysis, pairing } = run;
  await store.putAnalysis(analysisRecord(run, prepared));
  const wanted = wantedModules(run, prepared).filter((name) => share?.modules.has(name) ?? true);
  const known = await store.storedModules(analysis);
  const stored = await store.modules(
    analysis,
    wanted.filter((name) => known.has(name)),
  );
  const vectors = pairing.vectors.filter(({ name }) => share?.vectors.has(name) ?? true);
  return { ...run, pairing: { ...pairing, vectors }, wanted, stored };
}

/** The question as it is kept. */
export function analysisRecord({ pairing, opened, analysis, label, path }: PreparedRun, prepared: Prepared) {
  return {
    id: analysis,
    base: summarizeBase(prepared.base),
    label,
    kind: pairing.kind,
    path,
    fingerprint: opened.fingerprint,
    adapter: pairing.adapter,
    settings: prepared.settings,
    pairing: pairing.report,
    matrices: pairing.matrices.length,
    engineVersion: `${programVersion}+measures.${measuresVersion}`,
  } satisfies AnalysisRecord;
}

function noModules(spec: AnalysisSpec): never {
  const filters = [
    spec.modules && `--modules ${spec.modules}`,
    spec.layers && `--layers ${spec.layers.from}-${spec.layers.to}`,
  ];
  const given = filters.filter(Boolean).join(" and ");
  throw new DeltaScopeError(
    "analysis.no-modules",
    given ? `No module passes ${given}.` : "The tuned sources change no matrix of the base.",
  );
}

async function* measureAll(
  spec: AnalysisSpec,
  members: readonly Member[],
  record: RunRecord,
  { backend, store }: AnalysisServices,
  signal: AbortSignal | undefined,
): AsyncGenerator<AnalysisEvent, RunAlert[]> {
  const { threads } = record;
  const memoryBytes = spec.memoryBytes ?? defaultMemoryBytes;
  const open = await Promise.all(members.map(remaining));
  const units = await planUnits(open, sidesFor(spec.settings).length, memoryBytes);
  const stored = members.reduce((sum, member) => sum + member.stored.length, 0);
  record.reused = stored;
  yield { type: "plan", plan: summarizePlan(units, stored, { threads, memoryBytes }) };
  yield* storedEvents(members);

  const labels = new Map(members.map((member) => [member.analysis, member.label]));
  const meter = new ProgressMeter({
    phase: "analyze",
    unit: "modules",
    total: units.reduce(countRuns, 0),
    cost: units.reduce(sumCost, 0),
  });
  const weighted = assignThreads(units, threads, memoryBytes);
  const writes: Promise<void>[] = [];
  const work = (unit: Unit, given: number) => computeUnit(unit, given, spec.settings, backend, signal);
  const write = ({ result }: { result: Awaited<ReturnType<typeof work>> }): Promise<void> => {
    if (result === "cancelled") return Promise.resolve();
    const written = keep(store.putModules(result));
    writes.push(written);
    return written;
  };
  // What is told as finished is on disk: a process that is killed right after has lost nothing that was shown.
  for await (const { item, result } of onceSettled(runWeighted(weighted, threads, work, signal), write)) {
    if (result === "cancelled") continue;
    record.computed += result.length;
    for (const { analysis, module } of result) {
      const run = labels.get(analysis) ?? "";
      yield { type: "module", run, analysis, module, stored: false };
    }
    const progress = meter.advance(item.runs.length, item.cost.flops, item.name);
    if (progress) yield { type: "progress", progress };
  }
  await Promise.all(writes);
  const vectorAlerts = signal?.aborted ? [] : await measureVectors(members, threads, { backend, store }, signal);
  if (signal?.aborted) throw new DeltaScopeError("job.cancelled", "The analysis was cancelled.");
  const alerts = [...vectorAlerts];
  for (const member of members) alerts.push(...(await measuredAlerts(member, store)));
  record.alerts.push(...alerts);
  for (const { run, ...alert } of alerts) yield { type: "alert", alert, run };
  return vectorAlerts;
}

/** What alerts about measured modules are drawn from. */
type MeasuredRun = Pick<Member, "analysis" | "label" | "path" | "wanted"> & Pick<Paired, "pairing">;

/** Drawn from the store, so that an answer from there says the same as the run that computed it. */
export async function measuredAlerts(member: MeasuredRun, store: Store): Promise<RunAlert[]> {
  const modules = await store.modules(member.analysis, member.wanted);
  const vectors = await store.vectors(member.analysis);
  const alerts = [...moduleAlerts(modules, member.pairing.kind), ...noEffectAlerts({ ...member, modules, vectors })];
  return alerts.map((alert) => ({ ...alert, run: member.label }));
}

/** An early failure must not surface as an unhandled rejection before everything is awaited together. */
function keep(write: Promise<void>): Promise<void> {
  write.catch(() => undefined);
  return write;
}

async function remaining(member: Member): Promise<PlannedRun> {
  const done = new Set(member.stored.map((module) => module.name));
  const wanted = new Set(member.wanted);
  const { matrices: all } = member.pairing;
  const matrices = await filterInTurns(all, (pair) => wanted.has(pair.name) && !done.has(pair.name));
  return { analysis: member.analysis, rounding: member.pairing.roundingGrid, matrices };
}

function* storedEvents(members: readonly Member[]): Generator<AnalysisEvent> {
  for (const { label, analysis, stored } of members) {
    for (const module of stored) yield { type: "module", run: label, analysis, module, stored: true };
  }
}

function countRuns(sum: number, unit: Unit): number {
  return sum + unit.runs.length;
}

function sumCost(sum: number, unit: Unit): number {
  return sum + unit.cost.flops;
}
