/** What views ask of stored runs by their short ids: rows, findings, one module, curves, details. */
import type { Alert } from "../../contract/alerts.ts";
import type { AdapterSummary } from "../../contract/domain/adapter.ts";
import type { ModuleMeasures } from "../../contract/domain/analysis.ts";
import type { AppRun, EnergyCurve } from "../../contract/domain/cells.ts";
import type { Finding } from "../../contract/domain/finding.ts";
import type { PairingReport } from "../../contract/domain/pair.ts";

import { DeltaScopeError } from "../../contract/errors.ts";
import { numberedLabels } from "../../contract/numbered-labels.ts";
import { deriveFindings } from "../report/findings.ts";
import { redecide } from "../report/redecide.ts";
import { modulesToCount, runTotals } from "../report/totals.ts";
import { quote } from "../source/quote.ts";
import type { AnalysisRecord, RunMember, Store } from "../store/types.ts";
import { energyCurveOf } from "./energy-curve.ts";
import type { TestedModules } from "./tested-modules.ts";

/** The runs of these short ids, in the order asked. @throws DeltaScopeError `run.not-found` */
export function chooseRuns(runs: readonly AppRun[], ids: readonly string[]): AppRun[] {
  const known = new Map(runs.map((run) => [run.id, run]));
  return ids.map((id) => known.get(id) ?? missing(id));
}

function missing(id: string): never {
  throw new DeltaScopeError("run.not-found", `There is no stored run ${quote(id)} in this workspace.`, id);
}

/** One question by its short id. @throws DeltaScopeError `run.not-found` */
export async function findRun(
  store: Store,
  id: string,
): Promise<{ record: AnalysisRecord; newest: RunMember | undefined }> {
  if (!/^[0-9a-f]{12,64}$/.test(id)) return missing(id);
  return (await store.findAnalysis(id)) ?? missing(id);
}

export interface FindingsQuestion {
  k?: number | undefined;
  epsilon?: number | undefined;
  side?: "left" | "right" | undefined;
  layers?: { from: number; to: number } | undefined;
  kinds?: readonly string[] | undefined;
}

/** What findings are derived from: the matrices of an analysis, and its norms and biases. */
export interface StoredMeasures {
  tests: TestedModules;
  vectors: Store["vectors"];
}

/** Findings over chosen modules at settings that the stored bounds decide; the first run's where none are given. */
export async function findingsOf(
  { tests, vectors }: StoredMeasures,
  runs: readonly AppRun[],
  question: FindingsQuestion,
): Promise<Finding[]> {
  const [first] = runs;
  if (!first) return [];
  const storedK = Math.min(...runs.map(({ k }) => k));
  const settings = {
    k: Math.min(Math.max(1, question.k ?? storedK), storedK),
    epsilon: question.epsilon ?? first.epsilon,
    side: question.side ?? (first.side === "right" ? ("right" as const) : ("left" as const)),
  };
  const labels = numberedLabels(runs.map(({ label }) => label));
  const entries = await Promise.all(
    runs.map(async ({ analysis, kind, total }, index) => {
      const chosen = (await tests(analysis)).filter((module) => passes(module, question));
      const modules = modulesToCount(chosen, false).map((module) => redecide(module, settings));
      const alone = total === 0 && { vectors: await vectors(analysis) };
      return { label: labels[index] ?? "", kind, modules, totals: runTotals(modules), ...alone };
    }),
  );
  return deriveFindings(entries, settings);
}

function passes({ layer, kind }: ModuleMeasures, { layers, kinds }: FindingsQuestion): boolean {
  if (kinds && !kinds.includes(kind)) return false;
  return layers === undefined || (layer !== null && layer >= layers.from && layer <= layers.to);
}

/** Everything stored of one module. @throws DeltaScopeError `run.not-found` */
export async function storedModule(store: Store, run: string, name: string): Promise<ModuleMeasures> {
  const { record } = await findRun(store, run);
  const [module] = await store.modules(record.id, [name]);
  if (module) return module;
  throw new DeltaScopeError("run.not-found", `Run ${record.label} has no stored module ${quote(name)}.`, name);
}

export async function energyCurvesOf(
  store: Store,
  runs: readonly AppRun[],
  kinds: readonly string[] | undefined,
): Promise<{ run: string; curves: EnergyCurve[] }[]> {
  const answers: { run: string; curves: EnergyCurve[] }[] = [];
  for (const { id, analysis } of runs) {
    answers.push({ run: id, curves: (await store.spectra(analysis, kinds)).map(energyCurveOf) });
  }
  return answers;
}

export interface RunDetails {
  run: AppRun;
  alerts: Alert[];
  pairing: PairingReport;
  adapter: AdapterSummary | null;
  fingerprint: string;
}

/** Alerts of the newest execution that asked this question, its pairing, and what its source is. */
export async function runDetails(store: Store, runs: readonly AppRun[], id: string): Promise<RunDetails> {
  const [run = missing(id)] = chooseRuns(runs, [id]);
  const { record, newest } = await findRun(store, id);
  const alerts = (newest?.run.alerts ?? []).filter(
    (alert) => alert.run === undefined || alert.run === newest?.member.label,
  );
  return {
    run,
    alerts: alerts.map(({ run: _, ...alert }) => alert),
    pairing: record.pairing,
    adapter: record.adapter ?? null,
    fingerprint: record.fingerprint,
  };
}
