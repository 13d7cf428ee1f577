/** What the store keeps and gives back; SQL stays inside this folder. */
import type { Alert } from "../../contract/alerts.ts";
import type { StoredRun } from "../../contract/api.ts";
import type { AdapterSummary } from "../../contract/domain/adapter.ts";
import type {
  AnalysisSettings,
  ModuleMeasures,
  ModuleOverlap,
  VectorMeasures,
} from "../../contract/domain/analysis.ts";
import type { CheckpointSummary } from "../../contract/domain/checkpoint.ts";
import type { PairingReport } from "../../contract/domain/pair.ts";
import type { ErrorDocument } from "../../contract/errors.ts";

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

export interface VectorRow {
  analysis: string;
  vector: VectorMeasures;
}

/** The workspace's database; one writer. Every method throws DeltaScopeErrors only. */
export interface Store {
  /** Set when a damaged database was moved aside at opening. */
  readonly recovered: { movedTo: string } | undefined;
  putAnalysis(record: AnalysisRecord): Promise<void>;
  /** Names of the modules (and vectors) that are stored for an analysis; failed modules are not listed. */
  storedModules(analysis: string): Promise<ReadonlySet<string>>;
  storedVectors(analysis: string): Promise<ReadonlySet<string>>;
  /** Queues rows; whatever waits is written in one transaction as soon as the last one ended. Resolves once durable. */
  putModules(rows: ModuleRow[]): Promise<void>;
  putVectors(rows: VectorRow[]): Promise<void>;
  modules(analysis: string, names?: readonly string[]): Promise<ModuleMeasures[]>;
  vectors(analysis: string): Promise<VectorMeasures[]>;
  /** How two analyses overlap, module by module; kept under the ordered pair of their ids. */
  putOverlap(first: string, second: string, modules: ModuleOverlap[]): Promise<void>;
  overlap(first: string, second: string): Promise<ModuleOverlap[] | undefined>;
  analysis(id: string): Promise<AnalysisRecord | undefined>;
  startRun(record: RunRecord): Promise<void>;
  finishRun(record: RunRecord): Promise<void>;
  run(id: string): Promise<RunRecord | undefined>;
  /** By run id, or by label (the newest run that has it). */
  findMember(name: string): Promise<{ run: RunRecord; member: RunRecord["members"][number] } | undefined>;
  listRuns(): Promise<StoredRun[]>;
  /** One row per run × module, snake case, written by DuckDB itself under a temporary name and then renamed. */
  exportModules(run: string, format: "csv" | "parquet", file: string): Promise<void>;
  close(): Promise<void>;
}
