/** Runs a variant on the items that have no answer yet, and looks at its files again when that has ended. */
import { DeltaScopeError, toDeltaScopeError } from "../../contract/errors.ts";
import { readHeader } from "../linalg/header.ts";
import { isComplete, missingOf, withoutTwins } from "./answers.ts";
import type { EvaluationStep, OpenedQuestion, TellTask } from "./evaluate.ts";
import { identify, type VariantIdentity } from "./question.ts";
import { checkComparable } from "./reference.ts";
import { planRows } from "./rows.ts";
import { longestInput, prepareWork, scoreTask, startMeter, type TaskWork } from "./score-tasks.ts";
import type { EvaluationServices, RunnableVariant } from "./services.ts";

export interface Scored {
  /** Why the model was merged into a checkpoint first. */
  merged: string | undefined;
  packed: boolean;
  /** Requests that were run, and their rows and tokens after sharing. */
  requests: number;
  rows: number;
  tokens: number;
}

/** Whatever ends it, the files are looked at again: answers of a model that changed meanwhile are taken back. */
export async function* scoreMissing(
  opened: OpenedQuestion,
  services: EvaluationServices,
  tell: TellTask,
  signal: AbortSignal | undefined,
): AsyncGenerator<EvaluationStep, Scored> {
  const asked = new Map(opened.answers.map((each) => [each.evaluation, missingOf(each).indices]));
  let ended = false;
  try {
    const scored = yield* runVariant(opened, services, tell, signal);
    await refuseChange(opened, services, asked);
    ended = true;
    return scored;
  } catch (thrown) {
    const error = toDeltaScopeError(thrown);
    if (error.code !== "source.changed") await refuseChange(opened, services, asked);
    else await forget(services, asked);
    throw error;
  } finally {
    if (!ended) await services.scorers.drop();
  }
}

async function* runVariant(
  opened: OpenedQuestion,
  services: EvaluationServices,
  tell: TellTask,
  signal: AbortSignal | undefined,
): AsyncGenerator<EvaluationStep, Scored> {
  const { identity, reference, question } = opened;
  const { models, materialise, scorers, store } = services;
  if (identity.tuned?.kind === "full") checkComparable(await models.openFull(identity.variant.tuned ?? ""), reference);
  const files = await materialise(identity.variant, signal);
  const told = new Set(opened.answers.flatMap(({ alerts }) => alerts.map(({ message }) => message)));
  for (const alert of files.alerts) if (!told.has(alert.message)) yield { type: "alert", alert };
  await forgetOthers(opened, files, services);
  const works = await prepareAll(opened, signal);
  await noteQuestion(opened, files, works, services);
  const { vocabRows } = reference.settings;
  const need = { model: files.model, linears: await modulesOf(files), threads: question.threads, vocabRows };
  const scorer = await scorers.open({ ...need, maxTokens: longestInput(works) }, signal);
  for (const alert of scorer.alerts) yield { type: "alert", alert };
  const tools = { scorer, factors: files.factors, store, meter: startMeter(opened.answers, works) };
  for (const work of works) {
    for await (const told of scoreTask(work, tools, signal)) {
      yield "code" in told ? { type: "alert", alert: told } : { type: "progress", progress: told };
    }
    yield* tell(work.answers, false);
  }
  return { merged: files.merged, packed: scorer.info.packed, ...sizeOf(works, scorer.info.packed) };
}

async function prepareAll(
  { answers, reference }: OpenedQuestion,
  signal: AbortSignal | undefined,
): Promise<TaskWork[]> {
  const works: TaskWork[] = [];
  for (const each of answers) if (!isComplete(each)) works.push(await prepareWork(each, reference, signal));
  return works;
}

function sizeOf(works: readonly TaskWork[], packed: boolean): Pick<Scored, "requests" | "rows" | "tokens"> {
  const rows = works.flatMap(({ made }) => planRows(made.requests, packed).rows);
  return {
    requests: works.reduce((sum, { made }) => sum + made.requests.length, 0),
    rows: rows.length,
    tokens: rows.reduce((sum, { tokens }) => sum + tokens.length, 0),
  };
}

/** Modules that carry factors, by the names in their file. */
async function modulesOf({ factors }: RunnableVariant): Promise<string[]> {
  if (factors === undefined) return [];
  const { tensors } = await readHeader(factors);
  return [...new Set(tensors.map(({ name }) => name.replace(/\.[AB]$/, "")))];
}

/** Answers under the same name from other weights are void: an intervention chooses other vectors once more are decided. */
async function forgetOthers(
  { answers }: OpenedQuestion,
  { fingerprint }: RunnableVariant,
  { store }: EvaluationServices,
) {
  const known = new Map((await store.evaluations()).map((record) => [record.id, record.filesFingerprint]));
  for (const { evaluation, rows } of answers) {
    if (!known.has(evaluation) || known.get(evaluation) === fingerprint) continue;
    await store.removeScores(evaluation, [...rows.keys()]);
    rows.clear();
  }
}

/** The questions are written down before their first answer, with what is to be known of it whenever it is told. */
async function noteQuestion(
  { reference, question, identity }: OpenedQuestion,
  { fingerprint, alerts: ofFiles }: RunnableVariant,
  works: readonly TaskWork[],
  { store }: EvaluationServices,
): Promise<void> {
  const merged = ofFiles.filter(({ code }) => code === "evaluation.merged-first");
  for (const { answers, made } of works) {
    const { task, evaluation, alerts } = answers;
    await store.putEvaluation({
      ...{ id: evaluation, variantFingerprint: identity.fingerprint, filesFingerprint: fingerprint },
      taskFingerprint: task.fingerprint,
      ...{ settings: reference.settings, label: question.label, variant: identity.variant, task: task.spec },
      askedAt: new Date().toISOString(),
      alerts: withoutTwins([...merged, ...made.alerts, ...alerts]),
    });
  }
}

type Asked = ReadonlyMap<string, readonly number[]>;

/** @throws DeltaScopeError `source.changed` */
async function refuseChange({ identity }: OpenedQuestion, services: EvaluationServices, asked: Asked): Promise<void> {
  const now = await identify(identity.variant, services.models).catch(toDeltaScopeError);
  if (!(now instanceof DeltaScopeError) && now.fingerprint === identity.fingerprint) return;
  await forget(services, asked);
  const { path, why } = whatChanged(identity, now);
  throw new DeltaScopeError("source.changed", `${path} changed while it was being scored. ${why}`, path);
}

/** The file where one is known, else the folder of the base or of what was made of it. */
function whatChanged(
  { base, tuned }: VariantIdentity,
  now: VariantIdentity | DeltaScopeError,
): { path: string; why: string } {
  const last = tuned ?? base;
  if (now instanceof DeltaScopeError) return { path: now.where ?? last.path, why: now.message };
  const { path } = now.base.fingerprint === base.fingerprint ? last : base;
  return { path, why: "Its weights or its configuration are not the same now." };
}

async function forget({ store }: EvaluationServices, asked: Asked): Promise<void> {
  for (const [evaluation, items] of asked) await store.removeScores(evaluation, items);
}
