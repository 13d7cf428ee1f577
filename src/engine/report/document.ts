/** Puts the analysis document together from what the store keeps. Plain data in, plain data out. */

import { makeAlert } from "../../contract/alerts.ts";
import type {
  AnalysisDocument,
  ModuleMeasures,
  RunDocument,
  RunOverlap,
  VectorMeasures,
} from "../../contract/domain/analysis.ts";
import { DeltaScopeError } from "../../contract/errors.ts";
import { numberedLabels } from "../../contract/numbered-labels.ts";
import type { AnalysisRecord, RunRecord } from "../store/types.ts";
import { programVersion } from "../version.ts";
import { deriveFindings } from "./findings.ts";
import { modulesToCount, runTotals } from "./totals.ts";

/** One run with its rows; `modules` are those that passed the filters, in the order to be shown. */
export interface DocumentMember {
  record: AnalysisRecord;
  label: string;
  path: string;
  modules: readonly ModuleMeasures[];
  vectors: readonly VectorMeasures[];
}

/** What the tuned matrix is, in words that stand beside every result. */
const unmergedSemantics = "W is taken in float32 without rounding to the storage type, as an unmerged adapter runs";
const mergedSemantics = "W is rounded to the storage type of the base first, as a merged checkpoint is";

/** The document of one execution. */
export function assembleDocument(
  run: RunRecord,
  members: readonly DocumentMember[],
  overlaps: readonly RunOverlap[],
): AnalysisDocument {
  const { settings, threads, embeddings } = run;
  const runs = members.map((member) => runDocument(member, embeddings));
  return {
    schema: "deltascope.analysis/1",
    version: programVersion,
    startedAt: run.startedAt,
    seconds: run.seconds ?? 0,
    base: run.base,
    settings: { ...settings, threads },
    provenance: {
      reused: run.reused,
      computed: run.computed,
      semantics: settings.asMerged ? mergedSemantics : unmergedSemantics,
    },
    runs,
    failures: run.failures,
    overlaps: [...overlaps],
    findings: deriveFindings(
      runs.map((entry) => ({ ...entry, modules: modulesToCount(entry.modules, embeddings) })),
      settings,
    ),
    alerts: [...run.alerts, ...members.flatMap((member) => partAlerts(run, member))],
  };
}

/** A part of an analysis never stands for the whole without saying so. */
function partAlerts({ shard }: RunRecord, { record, label, path, modules }: DocumentMember): RunRecord["alerts"] {
  if (shard === undefined) return [];
  const all = record.matrices === undefined ? "" : ` of ${record.matrices}`;
  const message = `Only part ${shard.index} of ${shard.count} of the analysis: ${modules.length}${all} modules.`;
  return [{ ...makeAlert("analysis.part", message, path), run: label }];
}

function runDocument(member: DocumentMember, embeddings: boolean): RunDocument {
  const { record, label, path, modules, vectors } = member;
  return {
    label,
    kind: record.kind,
    path,
    fingerprint: record.fingerprint,
    adapter: record.adapter ?? null,
    pairing: record.pairing,
    totals: runTotals(modulesToCount(modules, embeddings)),
    modules: [...modules],
    vectors: [...vectors],
  };
}

/** A stored run found for a comparison, with the execution it belongs to. */
export interface FoundMember extends DocumentMember {
  run: RunRecord;
}

/** A stored run under a label that no other run of the comparison has. */
export interface ChosenMember extends FoundMember {
  /** The label it has in its execution. */
  ownLabel: string;
}

/**
 * Stored runs side by side, in the order asked.
 * @throws DeltaScopeError `usage.invalid` when the runs do not have one base.
 */
export function assembleComparison(chosen: readonly ChosenMember[], overlaps: readonly RunOverlap[]): AnalysisDocument {
  const [first] = chosen;
  if (first === undefined) throw new DeltaScopeError("usage.invalid", "Name at least one run to compare.");
  requireOneBase(chosen, first);
  const executions = [...new Set(chosen.map(({ run }) => run))];
  return assembleDocument(
    {
      ...first.run,
      seconds: executions.reduce((sum, run) => sum + (run.seconds ?? 0), 0),
      embeddings: executions.some(({ embeddings }) => embeddings),
      reused: chosen.reduce((sum, { modules }) => sum + modules.length, 0),
      computed: 0,
      failures: [],
      shard: undefined,
      alerts: [
        ...chosen.flatMap(alertsOf),
        ...chosen.flatMap((member) => partAlerts(member.run, member)),
        ...settingsAlerts(chosen),
      ],
    },
    chosen,
    overlaps,
  );
}

function requireOneBase(chosen: readonly ChosenMember[], first: ChosenMember): void {
  const other = chosen.find(({ record }) => record.base.fingerprint !== first.record.base.fingerprint);
  if (other === undefined) return;
  const places = `${first.label} has ${first.record.base.path}, ${other.label} has ${other.record.base.path}`;
  throw new DeltaScopeError("usage.invalid", `These runs have different bases: ${places}.`);
}

/** Labels that several runs share are numbered, before anything of the document names them. */
export function distinctLabels(found: readonly FoundMember[]): ChosenMember[] {
  const labels = numberedLabels(found.map(({ label }) => label));
  return found.map((member, index) => ({ ...member, label: labels[index] ?? member.label, ownLabel: member.label }));
}

/** The run's own alerts under the label it has here, and those of its whole execution. */
function alertsOf({ run, ownLabel, label }: ChosenMember): RunRecord["alerts"] {
  return run.alerts
    .filter((alert) => alert.run === undefined || alert.run === ownLabel)
    .map((alert) => ({ ...alert, run: label }));
}

function settingsAlerts(chosen: readonly ChosenMember[]): RunRecord["alerts"] {
  const settings = new Set(
    chosen.map(
      ({
        record: {
          settings: { k, epsilon, side, asMerged, quick },
        },
      }) => JSON.stringify({ k, epsilon, side, asMerged, quick }),
    ),
  );
  if (settings.size < 2) return [];
  return [
    makeAlert(
      "compare.settings-differ",
      `The runs were analysed with different settings: ${[...settings].join(", ")}.`,
    ),
  ];
}
