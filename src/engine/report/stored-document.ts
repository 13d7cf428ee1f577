/** Documents of what the store holds: one execution, or stored runs side by side. */
import type { AnalysisDocument, ModuleMeasures, RunOverlap } from "../../contract/domain/analysis.ts";
import { DeltaScopeError } from "../../contract/errors.ts";
import type { RunRecord, Store } from "../store/types.ts";
import {
  assembleComparison,
  assembleDocument,
  type ChosenMember,
  type DocumentMember,
  distinctLabels,
  type FoundMember,
} from "./document.ts";

/** @throws DeltaScopeError `run.not-found` */
export async function storedDocument(store: Store, id: string): Promise<AnalysisDocument> {
  const run = await store.run(id);
  if (!run) throw new DeltaScopeError("run.not-found", `There is no stored analysis "${id}".`, id);
  const members = await Promise.all(run.members.map((member) => loadMember(store, member)));
  return assembleDocument(run, members, await loadOverlaps(store, members));
}

/**
 * Stored runs side by side, named by run id or label.
 * @throws DeltaScopeError `run.not-found`, or `usage.invalid` when they do not share one base
 */
export async function comparisonDocument(store: Store, names: readonly string[]): Promise<AnalysisDocument> {
  const found: FoundMember[] = [];
  for (const name of names) {
    const stored = await store.findMember(name);
    if (!stored) throw new DeltaScopeError("run.not-found", `There is no stored run "${name}".`, name);
    found.push({ ...(await loadMember(store, stored.member)), run: stored.run });
  }
  const chosen = distinctLabels(found);
  return assembleComparison(chosen, await loadOverlaps(store, chosen));
}

/**
 * Whole analyses side by side under these labels, each with the newest execution that asked it.
 * @throws DeltaScopeError `run.not-found`, or `usage.invalid` when they do not share one base
 */
export async function analysesDocument(
  store: Store,
  members: readonly { analysis: string; label: string }[],
): Promise<AnalysisDocument> {
  const chosen: ChosenMember[] = [];
  for (const { analysis, label } of members) {
    const newest = (await store.findAnalysis(analysis))?.newest;
    if (!newest) throw new DeltaScopeError("run.not-found", `There is no stored run "${label}".`, label);
    const member = await loadMember(store, { ...newest.member, modules: undefined });
    // Everything stored of the analysis, whichever part was asked last.
    const run = { ...newest.run, shard: undefined };
    chosen.push({ ...member, label, ownLabel: member.label, run });
  }
  return assembleComparison(chosen, await loadOverlaps(store, chosen));
}

async function loadMember(store: Store, member: RunRecord["members"][number]): Promise<DocumentMember> {
  const record = await store.analysis(member.analysis);
  if (!record)
    throw new DeltaScopeError("store.failed", `Run ${member.label} has no stored analysis.`, member.analysis);
  const [modules, vectors] = await Promise.all([
    store.modules(member.analysis, member.modules),
    store.vectors(member.analysis),
  ]);
  const { label, path } = member;
  return { record, label, path, modules: inOrder(modules, member.modules), vectors };
}

/** Rows in the order of the pairing, which the member's list of modules keeps. */
function inOrder(modules: readonly ModuleMeasures[], names: readonly string[] | undefined): ModuleMeasures[] {
  const place = new Map(names?.map((name, index) => [name, index]));
  return [...modules].sort((a, b) => (place.get(a.name) ?? 0) - (place.get(b.name) ?? 0));
}

/** Of the modules that both members show, in the order of the first. */
async function loadOverlaps(store: Store, members: readonly DocumentMember[]): Promise<RunOverlap[]> {
  const overlaps: RunOverlap[] = [];
  for (const [index, first] of members.entries()) {
    for (const second of members.slice(index + 1)) {
      const stored = await store.overlap(first.record.id, second.record.id);
      const byName = new Map(stored?.map((module) => [module.name, module]));
      const shown = new Set(second.modules.map(({ name }) => name));
      const modules = first.modules.filter(({ name }) => shown.has(name)).flatMap(({ name }) => byName.get(name) ?? []);
      if (modules.length > 0) overlaps.push({ first: first.label, second: second.label, modules });
    }
  }
  return overlaps;
}
