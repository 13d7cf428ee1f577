/** Opens and pairs everything an analysis speaks of; no weight is read here. */
import type { Alert } from "../../contract/alerts.ts";
import type { AnalysisSpec } from "../../contract/domain/analysis.ts";
import type { CheckpointSummary } from "../../contract/domain/checkpoint.ts";
import { DeltaScopeError, type ErrorDocument, toDeltaScopeError } from "../../contract/errors.ts";
import { namedBase } from "../adapter/config.ts";
import { resolveAdapterBase } from "../checkpoint/adapter-base.ts";
import type { Checkpoint, Opened } from "../checkpoint/checkpoint.ts";
import { open } from "../checkpoint/open.ts";
import { pair } from "../pairing/pair.ts";
import type { Pairing } from "../pairing/pairing.ts";
import { quoteSome } from "../source/quote.ts";
import { type ModuleFilter, moduleFilter } from "./filter.ts";
import { analysisId } from "./question.ts";

/** A tuned source that opened and paired. */
export interface PreparedRun {
  label: string;
  path: string;
  opened: Opened;
  pairing: Pairing;
  /** Id of the question. */
  analysis: string;
}

export interface FailedRun {
  label: string;
  path: string;
  error: ErrorDocument;
}

export interface Prepared {
  base: Checkpoint;
  runs: PreparedRun[];
  failures: FailedRun[];
  filter: ModuleFilter;
  settings: AnalysisSpec["settings"];
  alerts: (Alert & { run?: string })[];
}

/** @throws DeltaScopeError when the base cannot be opened; a tuned source that cannot is a failure beside the others. */
export async function prepare(spec: AnalysisSpec): Promise<Prepared> {
  const filter = moduleFilter(spec);
  const tuned = await Promise.all(spec.tuned.map(openTuned));
  const base = await openBase(spec.base, tuned);
  const prepared: Prepared = {
    base,
    runs: [],
    failures: [],
    filter,
    settings: spec.settings,
    alerts: [...base.alerts],
  };
  for (const one of tuned) {
    const outcome = "opened" in one ? await pairRun(base, one, spec) : one;
    if ("error" in outcome) prepared.failures.push(outcome);
    else addRun(prepared, outcome);
  }
  if (prepared.runs.length === 0) throwFirst(prepared.failures);
  return prepared;
}

function addRun(prepared: Prepared, run: PreparedRun): void {
  prepared.runs.push(run);
  const alerts = [...run.opened.alerts, ...run.pairing.alerts];
  prepared.alerts.push(...alerts.map((alert) => ({ ...alert, run: run.label })));
}

/** A tuned source that opened; it still has to pair. */
interface OpenedRun {
  label: string;
  path: string;
  opened: Opened;
}

async function openTuned({ label, path }: { label: string; path: string }): Promise<OpenedRun | FailedRun> {
  try {
    return { label, path, opened: await open(path) };
  } catch (thrown) {
    return { label, path, error: toDeltaScopeError(thrown).toDocument() };
  }
}

async function openBase(path: string | undefined, tuned: (OpenedRun | FailedRun)[]): Promise<Checkpoint> {
  const location = path ?? (await hintedBase(tuned));
  const opened = await open(location);
  if (opened.kind === "full") return opened;
  throw new DeltaScopeError(
    "pairing.base-is-adapter",
    `${location} is an adapter; a base is a full checkpoint.`,
    location,
  );
}

/** The base that the first adapter's configuration names, if it is on this machine. */
async function hintedBase(tuned: (OpenedRun | FailedRun)[]): Promise<string> {
  const named = new Set<string>();
  for (const one of tuned) {
    if (!("opened" in one) || one.opened.kind !== "adapter") continue;
    const hinted = await resolveAdapterBase(one.opened);
    if (hinted !== undefined) return hinted;
    const name = namedBase(one.opened.config);
    if (name !== undefined) named.add(name);
  }
  const failed = tuned.find((one) => "error" in one);
  if (failed && "error" in failed && tuned.length === 1) throwFirst([failed]);
  const message =
    named.size === 0
      ? "No base was given, and no adapter names one."
      : `No base was given, and what adapter_config.json names is not on this machine: ${quoteSome([...named])}.`;
  throw new DeltaScopeError("adapter.base-missing", message);
}

async function pairRun(
  base: Checkpoint,
  { label, path, opened }: OpenedRun,
  spec: AnalysisSpec,
): Promise<PreparedRun | FailedRun> {
  try {
    const analysis = analysisId(base.fingerprint, opened.fingerprint, spec.settings);
    return { label, path, opened, pairing: await pair(base, opened), analysis };
  } catch (thrown) {
    return { label, path, error: toDeltaScopeError(thrown).toDocument() };
  }
}

function throwFirst(failures: readonly FailedRun[]): never {
  const first = failures[0];
  if (!first) throw new DeltaScopeError("analysis.no-modules", "Nothing was given to compare with the base.");
  const { code, message, where } = first.error;
  throw new DeltaScopeError(code, message, where ?? first.path);
}

export function summarizeBase(base: Checkpoint): CheckpointSummary {
  return {
    path: base.source.location,
    fingerprint: base.fingerprint,
    architecture: base.config?.architecture ?? null,
    family: base.family.name,
    parameters: base.parameters,
    dtype: base.dtype,
  };
}
