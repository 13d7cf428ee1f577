/** Which full checkpoint is a base, and which base every other item belongs to. */
import { basename } from "node:path";
import { parseHubId } from "../../contract/hub-id.ts";
import type { AnalysisSummary, LibraryRecord } from "../store/types.ts";

/** What stored analyses prove: this tuned source was compared with that base. */
export type Proof = Pick<AnalysisSummary, "fingerprint"> & { base: Pick<AnalysisSummary["base"], "fingerprint"> };

/**
 * Kinds and bases of all items, newly decided except where the user has said so. Evidence counts in this order: the
 * user's word, stored analyses, hints of adapters, the name, the order of adding.
 */
export function arrange(items: readonly LibraryRecord[], proofs: readonly Proof[]): LibraryRecord[] {
  const shown = items.filter(({ removedAt }) => removedAt === undefined);
  const bases = chooseBases(shown, proofs);
  return items.map((item) => {
    if (item.removedAt !== undefined || item.assigned || item.fingerprint === undefined) return item;
    if (bases.has(item)) return { ...item, kind: "base", base: undefined };
    const kind = item.kind === "base" ? "full" : item.kind;
    return { ...item, kind, base: baseFor({ ...item, kind }, [...bases], proofs)?.id };
  });
}

function chooseBases(items: readonly LibraryRecord[], proofs: readonly Proof[]): Set<LibraryRecord> {
  const groups = Map.groupBy(items.filter(isWholeModel), signature);
  return new Set([...groups.values()].flatMap((group) => basesAmong(group, items, proofs)));
}

function isWholeModel({ kind, inspection }: LibraryRecord): boolean {
  return (kind === "base" || kind === "full") && inspection?.checkpoint !== null && inspection !== null;
}

/** Equal for models that differ by training only: vocabularies may grow, dtypes may change. */
function signature({ inspection }: LibraryRecord): string {
  const shapes = (inspection?.roles ?? [])
    .filter(({ group, shape }) => shape.length > 1 && group !== "embedding" && group !== "head")
    .map(({ kind, shape, tensors }) => [kind, shape, tensors]);
  return JSON.stringify([inspection?.checkpoint?.architecture, shapes]);
}

/** Every one that strong evidence calls a base; else the one with the best name, else the first. */
function basesAmong(
  group: readonly LibraryRecord[],
  items: readonly LibraryRecord[],
  proofs: readonly Proof[],
): LibraryRecord[] {
  const open = group.filter(({ assigned, kind }) => !assigned || kind === "base");
  const proven = open.filter((item) => isProvenBase(item, items, proofs));
  if (proven.length > 0) return proven;
  const tuned = new Set(proofs.map(({ fingerprint }) => fingerprint));
  const candidates = open.filter(({ fingerprint }) => !tuned.has(fingerprint ?? ""));
  const best = candidates.find(({ label }) => isBaseName(label)) ?? candidates[0];
  return best ? [best] : [];
}

function isProvenBase(item: LibraryRecord, items: readonly LibraryRecord[], proofs: readonly Proof[]): boolean {
  if (item.assigned) return item.kind === "base";
  if (proofs.some(({ base }) => base.fingerprint === item.fingerprint)) return true;
  return items.some((other) => other.kind === "adapter" && names(other, item));
}

function isBaseName(label: string): boolean {
  return /(^|[^a-z])(base|original|pretrained)([^a-z]|$)/i.test(label);
}

function baseFor(
  item: LibraryRecord,
  bases: readonly LibraryRecord[],
  proofs: readonly Proof[],
): LibraryRecord | undefined {
  const proven = proofs.filter(({ fingerprint }) => fingerprint === item.fingerprint).at(-1);
  const known = bases.find(({ fingerprint }) => fingerprint === proven?.base.fingerprint);
  if (known) return known;
  if (item.kind === "adapter") return bases.find((base) => names(item, base));
  return bases.find((base) => signature(base) === signature(item));
}

/** Whether an adapter's configuration speaks of this model: by its place, its Hub id, or a folder of the same name. */
function names(adapter: LibraryRecord, base: LibraryRecord): boolean {
  if (adapter.hint !== undefined) return adapter.hint === base.path;
  const hint = adapter.inspection?.adapter?.baseModel ?? undefined;
  if (hint === undefined || hint === "") return false;
  const repository = base.inspection?.repository ?? undefined;
  if (repository !== undefined && parseHubId(hint)?.repository === repository) return true;
  return (
    basename(hint) === (repository === undefined ? basename(base.path) : basename(repository)) && fits(adapter, base)
  );
}

/** Every kind of module that the adapter changes exists in the model. */
function fits(adapter: LibraryRecord, base: LibraryRecord): boolean {
  const kinds = new Set(base.inspection?.roles.map(({ kind }) => kind));
  return (adapter.inspection?.roles ?? []).every(({ kind }) => kinds.has(kind.split(".")[0] ?? kind));
}
