/** One shard of an analysis: its share is measured like any analysis, then written to a folder as a part. */
import type { ShardEvent } from "../../contract/api.ts";
import type { AnalysisSpec } from "../../contract/domain/analysis.ts";
import type { PartManifest, PartRun, Shard } from "../../contract/domain/part.ts";
import { DeltaScopeError, toDeltaScopeError } from "../../contract/errors.ts";
import { summarizeBase } from "../analysis/prepare.ts";
import {
  type AnalysisServices,
  type Answered,
  analysisRecord,
  answerQuestion,
  type OpenedQuestion,
  openQuestion,
  wantedModules,
} from "../analysis/run.ts";
import { measuresVersion, programVersion } from "../version.ts";
import { describeFiles, makeFolder, readManifest, removeManifest, writeManifest } from "./part-folder.ts";
import { type Partition, partition } from "./partition.ts";
import { questionHash } from "./question.ts";

export interface ShardSpec {
  spec: AnalysisSpec;
  shard: Shard;
  /** Where the part is written. */
  folder: string;
  /** A part of another question or shard may be replaced. */
  overwrite: boolean;
}

/**
 * What was measured before, in this workspace, is not measured again; an interrupted shard goes on where it stopped.
 * @throws DeltaScopeError `output.exists` where the folder holds another part, and what an analysis throws
 */
export async function* runShard(
  { spec, shard, folder, overwrite }: ShardSpec,
  services: AnalysisServices,
  signal: AbortSignal,
): AsyncGenerator<ShardEvent, void> {
  await makeFolder(folder);
  const question = await openQuestion(spec, services.backend, signal);
  const cut = await partition(question.prepared, shard.count);
  const runs = partRuns(question, cut);
  if (!overwrite) await refuseOtherPart(folder, { question: questionHash(runs), shard });
  const share = { shard, modules: namesOf(cut.modules, shard), vectors: namesOf(cut.vectors, shard) };
  const answered = yield* answerQuestion(question, services, signal, share);
  const vectors = [...share.vectors];
  await removeManifest(folder);
  const rows = await services.store.exportPart({ run: answered.record.id, vectors }, folder);
  const files = await describeFiles(folder, rows);
  const manifest = { ...describeShard(question, answered), shard, question: questionHash(runs), runs, files };
  await writeManifest(folder, manifest);
  yield { type: "part", folder, part: manifest };
  yield { type: "finished", analysis: answered.record.id };
}

function namesOf(shards: ReadonlyMap<string, number>, { index }: Shard): Set<string> {
  return new Set([...shards].filter(([, number]) => number === index).map(([name]) => name));
}

function partRuns({ prepared }: OpenedQuestion, cut: Partition): PartRun[] {
  return prepared.runs.map((run) => {
    const { label, path, kind, fingerprint, adapter, pairing, matrices, engineVersion } = analysisRecord(run, prepared);
    const modules = wantedModules(run, prepared);
    const vectors = run.pairing.vectors.map(({ name }) => name);
    return {
      ...{ label, kind, path, fingerprint, analysis: run.analysis, adapter: adapter ?? null, pairing },
      ...{ matrices, engineVersion, modules, vectors },
      moduleShards: modules.map((name) => cut.modules.get(name) as number),
      vectorShards: vectors.map((name) => cut.vectors.get(name) as number),
    };
  });
}

function describeShard({ spec, prepared }: OpenedQuestion, { record, vectorAlerts }: Answered) {
  return {
    schema: "deltascope.part/1",
    version: programVersion,
    measures: measuresVersion,
    startedAt: record.startedAt,
    finishedAt: record.finishedAt ?? new Date().toISOString(),
    seconds: record.seconds ?? 0,
    threads: record.threads,
    base: summarizeBase(prepared.base),
    settings: prepared.settings,
    embeddings: spec.embeddings,
    failures: prepared.failures,
    alerts: [...prepared.alerts, ...vectorAlerts],
  } satisfies Partial<PartManifest>;
}

/** The same shard of the same question is written again; anything else that is whole stays. */
async function refuseOtherPart(folder: string, asked: Pick<PartManifest, "question" | "shard">): Promise<void> {
  const there = await readManifest(folder, folder).catch((thrown: unknown) => toDeltaScopeError(thrown));
  if (there instanceof DeltaScopeError) {
    if (there.code === "part.unfinished") return;
    throw new DeltaScopeError("output.exists", `${folder} holds something else: ${there.message}`, folder);
  }
  const { question, shard } = there;
  const same = shard.index === asked.shard.index && shard.count === asked.shard.count && question === asked.question;
  if (same) return;
  const what = `shard ${shard.index} of ${shard.count} of ${question === asked.question ? "this" : "another"} analysis`;
  throw new DeltaScopeError("output.exists", `${folder} holds ${what} already.`, folder);
}
