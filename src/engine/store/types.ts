/** What the store keeps and gives back; SQL stays inside this folder. */
import type { Alert } from "../../contract/alerts.ts";
import type { StoredRun } from "../../contract/api.ts";
import type { AdapterSummary } from "../../contract/domain/adapter.ts";
import type {
  AnalysisSettings,
  AnalysisSpec,
  ModuleMeasures,
  ModuleOverlap,
  VectorMeasures,
} from "../../contract/domain/analysis.ts";
import type { ModuleRow as CellRow, CosineMap } from "../../contract/domain/cells.ts";
import type { CheckpointSummary, Inspection } from "../../contract/domain/checkpoint.ts";
import type { LibraryItem } from "../../contract/domain/library.ts";
import type { PairingReport } from "../../contract/domain/pair.ts";
import type { Shard } from "../../contract/domain/part.ts";
import type { Pin } from "../../contract/domain/pin.ts";
import type { ErrorDocument } from "../../contract/errors.ts";
import type { AuditRecord } from "./audits.ts";
import type { SpectrumRow } from "./cells.ts";
import type { PART_FILES } from "./part-tables.ts";
import type { EvaluationRecord, EvaluationSummary, ScoreRow } from "./scores.ts";
import type { SweepRecord, TrainingRecord } from "./trainings.ts";

/** One question: a tuned source against a base under settings; `id` is the hash of all that. */
export interface AnalysisRecord {
  id: string;
  base: CheckpointSummary;
  label: string;
  kind: "adapter" | "full";
  path: string;
  fingerprint: string;
  adapter: AdapterSummary | undefined;
  settings: AnalysisSettings;
  pairing: PairingReport;
  /** Matrices that the pairing holds; unknown in workspaces of version 1. */
  matrices: number | undefined;
  engineVersion: string;
}

/** One execution over several analyses; never edited after it ended. */
export interface RunRecord {
  id: string;
  startedAt: string;
  finishedAt: string | undefined;
  seconds: number | undefined;
  state: StoredRun["state"];
  threads: number;
  base: CheckpointSummary;
  settings: AnalysisSettings;
  /** What was asked, so that an interrupted run can be taken up; unknown in workspaces of version 1. */
  spec: AnalysisSpec | undefined;
  /** The part that this execution measured of an analysis; undefined where it was asked whole. */
  shard: Shard | undefined;
  /** Embeddings and head count in the layer totals. */
  embeddings: boolean;
  reused: number;
  computed: number;
  /** Analyses in the order asked, with the label used in this run and the modules that passed its filters. */
  members: { analysis: string; label: string; path: string; modules: string[] | undefined }[];
  failures: { label: string; path: string; error: ErrorDocument }[];
  alerts: (Alert & { run?: string | undefined })[];
}

export interface ModuleRow {
  analysis: string;
  module: ModuleMeasures;
}

/** A question in short. */
export interface AnalysisSummary extends Omit<AnalysisRecord, "pairing" | "matrices" | "engineVersion"> {
  /** Rows that are stored, failed ones included, and rows that a complete answer has. */
  stored: number;
  total: number;
  /** Names of all modules that were asked for; empty where none is missing. */
  planned: string[];
  /** Layers that have rows. */
  layers: number;
  lastAskedAt: string | undefined;
}

/** A source that the user opened. */
export interface LibraryRecord {
  id: string;
  /** Absolute path, links resolved. */
  path: string;
  label: string;
  kind: LibraryItem["kind"];
  /** Id of the item that is its base. */
  base: string | undefined;
  /** The user said which base it belongs to, or that it is one. */
  assigned: boolean;
  addedAt: string;
  removedAt: string | undefined;
  fingerprint: string | undefined;
  /** Absolute path of the base that its configuration names, where that is on this machine. */
  hint?: string | undefined;
  bytes: number | null;
  inspection: Inspection | null;
  error: ErrorDocument | null;
}

/** The exact view of one module and side; see `cosineMap` of the contract. */
export interface ExactViewRecord extends Omit<CosineMap, "cosines"> {
  analysis: string;
  name: string;
  /** rows × columns little-endian float32. */
  cosines: Uint8Array;
}

export interface VectorRow {
  analysis: string;
  vector: VectorMeasures;
}

/** The workspace's database; one writer. Every method throws DeltaScopeErrors only. */
export interface Store {
  /** Set when a damaged database was moved aside at opening. */
  readonly recovered: { movedTo: string } | undefined;
  /** Runs that a dead process left behind, found at this opening; the newest first. */
  readonly interrupted: readonly string[];
  /** Audits that a dead process left behind, found at this opening; the newest first. */
  readonly interruptedAudits: readonly string[];
  putAnalysis(record: AnalysisRecord): Promise<void>;
  /** Names of the modules (and vectors) that are stored for an analysis; failed modules are not listed. */
  storedModules(analysis: string): Promise<ReadonlySet<string>>;
  storedVectors(analysis: string): Promise<ReadonlySet<string>>;
  /** Queues rows; whatever waits is written in one transaction as soon as the last one ended. Resolves once durable. */
  putModules(rows: ModuleRow[]): Promise<void>;
  putVectors(rows: VectorRow[]): Promise<void>;
  modules(analysis: string, names?: readonly string[]): Promise<ModuleMeasures[]>;
  /** Modules without their long lists; `vectors` is null, the sides hold them. */
  tests(analysis: string): Promise<ModuleMeasures[]>;
  /** Grows with every change of an analysis' modules in this process, which is the only one that writes. */
  version(analysis: string): number;
  /** Scalar rows of these analyses, in their order. */
  cells(analyses: readonly string[]): Promise<CellRow[]>;
  /** Singular values of ΔW, of these kinds where any are named. */
  spectra(analysis: string, kinds?: readonly string[]): Promise<SpectrumRow[]>;
  vectors(analysis: string): Promise<VectorMeasures[]>;
  /** How two analyses overlap, module by module; kept under the ordered pair of their ids. */
  putOverlap(first: string, second: string, modules: ModuleOverlap[]): Promise<void>;
  overlap(first: string, second: string): Promise<ModuleOverlap[] | undefined>;
  analysis(id: string): Promise<AnalysisRecord | undefined>;
  /** Every question, in the order in which they were first asked. */
  analyses(): Promise<AnalysisSummary[]>;
  /** The question whose id starts like this, with the newest run that asked it. */
  findAnalysis(prefix: string): Promise<{ record: AnalysisRecord; newest: RunMember | undefined } | undefined>;
  startRun(record: RunRecord): Promise<void>;
  finishRun(record: RunRecord): Promise<void>;
  run(id: string): Promise<RunRecord | undefined>;
  /** By run id, or by label: the newest run that has it, a part of one only where there is nothing else. */
  findMember(name: string): Promise<RunMember | undefined>;
  listRuns(): Promise<StoredRun[]>;
  /** One row per run × module, snake case, written by DuckDB itself under a temporary name and then renamed. */
  exportModules(run: string, format: "csv" | "parquet", file: string): Promise<void>;
  /** The same for whole analyses under these labels. */
  exportAnalyses(
    members: readonly { analysis: string; label: string; path: string }[],
    format: "csv" | "parquet",
    file: string,
  ): Promise<void>;
  /** What a run stored of a share of its question, as Parquet files of a part; answers their numbers of rows. */
  exportPart(
    share: { run: string; vectors: readonly string[] },
    folder: string,
  ): Promise<Record<keyof typeof PART_FILES, number>>;
  /** Sources that were opened, removed ones too, in the order of adding. */
  library(): Promise<LibraryRecord[]>;
  putLibrary(items: readonly LibraryRecord[]): Promise<void>;
  /** Positions of tuned sources by fingerprint; `giveLetters` appends those that have none yet. */
  letters(): Promise<ReadonlyMap<string, number>>;
  giveLetters(fingerprints: readonly string[]): Promise<void>;
  settings(): Promise<Record<string, unknown>>;
  putSettings(changes: Record<string, unknown>): Promise<void>;
  exactView(key: Pick<ExactViewRecord, "analysis" | "name" | "side">): Promise<ExactViewRecord | undefined>;
  putExactViews(views: readonly ExactViewRecord[]): Promise<void>;
  /** What the user put aside for the report, in its order. */
  pins(): Promise<Pin[]>;
  addPin(pin: Pin): Promise<void>;
  removePins(ids: readonly string[]): Promise<void>;
  notePin(id: string, note: string): Promise<void>;
  /** Puts these first, in this order. */
  arrangePins(ids: readonly string[]): Promise<void>;
  /** Writes a question of scoring down, or that it was asked again. */
  putEvaluation(record: EvaluationRecord): Promise<void>;
  /** Every question of scoring; what was asked last comes first. */
  evaluations(): Promise<EvaluationSummary[]>;
  /** What was odd about a question's items; empty where it was never asked. */
  evaluationAlerts(id: string): Promise<Alert[]>;
  /** Adds answers, or replaces those to the same items; in one transaction with what waits. Resolves once durable. */
  putScores(evaluation: string, rows: readonly ScoreRow[]): Promise<void>;
  /** Takes answers back that turned out to be void. */
  removeScores(evaluation: string, items: readonly number[]): Promise<void>;
  /** Every answer to a question, in the order of the items. */
  scores(evaluation: string): Promise<ScoreRow[]>;
  /** Writes an audit down, or what became of it; one record per question. */
  putAudit(record: AuditRecord): Promise<void>;
  /** What was asked last comes first. */
  audits(): Promise<AuditRecord[]>;
  /** Writes a fine-tune down, or how far it is; one record per run. */
  putTraining(record: TrainingRecord): Promise<void>;
  /** What was started last comes first. */
  trainings(): Promise<TrainingRecord[]>;
  training(id: string): Promise<TrainingRecord | undefined>;
  putSweep(record: SweepRecord): Promise<void>;
  /** What was started last comes first. */
  sweeps(): Promise<SweepRecord[]>;
  close(): Promise<void>;
}

/** One place in one execution. */
export interface RunMember {
  run: RunRecord;
  member: RunRecord["members"][number];
}
