/** The sources that a workspace knows of: opened by the user, recognised from their headers, kept with their letters. */
import { readdir } from "node:fs/promises";
import type { LibraryItem } from "../../contract/domain/library.ts";
import { DeltaScopeError } from "../../contract/errors.ts";
import { shortRunId } from "../../contract/run-id.ts";
import { createSemaphore } from "../jobs/semaphore.ts";
import { hubCacheFolder, repositoryOfFolder, snapshotOf } from "../source/hub-cache.ts";
import type { AnalysisSummary, LibraryRecord, Store } from "../store/types.ts";
import { arrange } from "./arrange.ts";
import { discover, type Found } from "./discover.ts";
import { letterAt } from "./letters.ts";
import { presentError } from "./presence.ts";
import { type Recognised, recognise } from "./recognise.ts";

export interface Library {
  list(): Promise<LibraryItem[]>;
  /** Answers the added items in the order found; new ones get `label`. @throws DeltaScopeError `library.nothing-found` */
  add(paths: readonly string[], label?: string): Promise<LibraryItem[]>;
  remove(items: readonly string[]): Promise<LibraryItem[]>;
  restore(items: readonly string[]): Promise<LibraryItem[]>;
  /** @throws DeltaScopeError `library.not-found` */
  assignBase(item: string, base: string | null): Promise<LibraryItem[]>;
  /** Adds every model of the local Hugging Face cache. */
  scanCache(): Promise<LibraryItem[]>;
}

interface LibraryServices {
  store: Store;
  publish(items: LibraryItem[]): void;
}

/** Items recognised before the list is told anew, so that rows stream in. */
const batch = 8;

export function createLibrary({ store, publish }: LibraryServices): Library {
  const writing = createSemaphore(1);

  const list = async (): Promise<LibraryItem[]> => {
    const [items, letters, analyses] = await Promise.all([store.library(), store.letters(), store.analyses()]);
    const shown = items.filter(({ removedAt }) => removedAt === undefined);
    return Promise.all(shown.map((item) => showItem(item, shown, letters, analyses)));
  };

  /** Changes all items in one step and tells everyone. */
  const change = async (edit: (items: LibraryRecord[]) => LibraryRecord[]): Promise<LibraryItem[]> => {
    const leave = await writing.acquire(1);
    try {
      const before = await store.library();
      const after = arrange(edit(before), await store.analyses());
      const old = new Map(before.map((item) => [item.id, JSON.stringify(item)]));
      await store.putLibrary(after.filter((item) => old.get(item.id) !== JSON.stringify(item)));
      await store.giveLetters(tunedFingerprints(after));
    } finally {
      leave();
    }
    const shown = await list();
    publish(shown);
    return shown;
  };

  const addFound = async (found: readonly Found[], label?: string): Promise<LibraryItem[]> => {
    const added: string[] = [];
    let shown: LibraryItem[] = [];
    for (let start = 0; start < found.length; start += batch) {
      const recognised = await Promise.all(found.slice(start, start + batch).map(recognise));
      added.push(...recognised.map(({ id }) => id));
      shown = await change((items) => withRecognised(items, recognised, label));
    }
    const byId = new Map(shown.map((item) => [item.id, item]));
    return [...new Set(added)].map((id) => byId.get(id)).filter((item) => item !== undefined);
  };

  const setRemoved = (ids: readonly string[], removedAt: string | undefined): Promise<LibraryItem[]> =>
    change((items) => items.map((item) => (ids.includes(item.id) ? { ...item, removedAt } : item)));

  return {
    list,
    add: async (paths, label) => addFound(await discover(paths), label),
    remove: (ids) => setRemoved(ids, new Date().toISOString()),
    restore: (ids) => setRemoved(ids, undefined),
    assignBase: (id, base) => change((items) => assign(items, id, base)),
    scanCache: async () => addFound(await cachedSources()),
  };
}

/** Known paths keep their name and their place; new ones get a name of their own. */
function withRecognised(
  items: readonly LibraryRecord[],
  recognised: readonly Recognised[],
  label?: string,
): LibraryRecord[] {
  const all = new Map(items.map((item) => [item.id, item]));
  for (const one of recognised) {
    const known = all.get(one.id);
    all.set(one.id, {
      ...one,
      kind: known?.assigned && known.kind === "base" && one.kind === "full" ? "base" : one.kind,
      label: known?.label ?? freeLabel(label ?? one.label, all.values()),
      base: known?.base,
      assigned: known?.assigned ?? false,
      addedAt: known?.addedAt ?? new Date().toISOString(),
      removedAt: undefined,
    });
  }
  return [...all.values()];
}

function freeLabel(wanted: string, items: Iterable<LibraryRecord>): string {
  const taken = new Set([...items].map(({ label }) => label));
  let label = wanted;
  for (let number = 2; taken.has(label); number += 1) label = `${wanted}-${number}`;
  return label;
}

function tunedFingerprints(items: readonly LibraryRecord[]): string[] {
  return items
    .filter(({ kind, removedAt }) => (kind === "full" || kind === "adapter") && removedAt === undefined)
    .map(({ fingerprint }) => fingerprint)
    .filter((fingerprint) => fingerprint !== undefined);
}

function assign(items: readonly LibraryRecord[], id: string, base: string | null): LibraryRecord[] {
  const item = items.find((one) => one.id === id);
  if (!item) throw notFound(id);
  if (base === null && item.kind === "adapter") {
    throw new DeltaScopeError(
      "pairing.base-is-adapter",
      `${item.label} is an adapter, not a full checkpoint.`,
      item.path,
    );
  }
  if (base !== null && (base === id || !items.some((one) => one.id === base))) throw notFound(base);
  return items.map((one): LibraryRecord => {
    if (one.id === base && one.kind === "full") return { ...one, kind: "base", base: undefined, assigned: true };
    if (one.id !== id) return one;
    if (base === null) return { ...one, kind: "base", base: undefined, assigned: true };
    return { ...one, kind: one.kind === "base" ? "full" : one.kind, base, assigned: true };
  });
}

function notFound(id: string): DeltaScopeError {
  return new DeltaScopeError("library.not-found", `The library holds no item ${JSON.stringify(id.slice(0, 64))}.`);
}

/** Repositories looked at in one scan. */
const mostRepositories = 1_000;

/** The newest snapshot of every model in the cache that holds weights. */
async function cachedSources(): Promise<Found[]> {
  const names = await readdir(hubCacheFolder()).catch((): string[] => []);
  const found: Found[] = [];
  for (const name of names.toSorted().slice(0, mostRepositories)) {
    const repository = repositoryOfFolder(name);
    const folder = repository === undefined ? undefined : await snapshotOf(repository);
    if (folder === undefined) continue;
    found.push(...(await discover([folder])).filter((one) => !("error" in one)));
  }
  return found;
}

async function showItem(
  item: LibraryRecord,
  items: readonly LibraryRecord[],
  letters: ReadonlyMap<string, number>,
  analyses: readonly AnalysisSummary[],
): Promise<LibraryItem> {
  const { id, path, label, kind, addedAt, bytes, inspection, fingerprint } = item;
  const base = items.find((one) => one.id === item.base);
  const position = fingerprint === undefined ? undefined : letters.get(fingerprint);
  return {
    id,
    path,
    label,
    kind,
    letter: position === undefined || kind === "base" ? null : letterAt(position),
    base: base?.id ?? null,
    addedAt,
    bytes,
    inspection,
    error: await presentError(item),
    analysis: newestAnalysis(item, base, analyses),
  };
}

function newestAnalysis(
  item: LibraryRecord,
  base: LibraryRecord | undefined,
  analyses: readonly AnalysisSummary[],
): LibraryItem["analysis"] {
  if (!base || item.fingerprint === undefined) return null;
  const newest = analyses
    .filter((one) => one.fingerprint === item.fingerprint && one.base.fingerprint === base.fingerprint)
    .toSorted((one, other) => ((one.lastAskedAt ?? "") < (other.lastAskedAt ?? "") ? 1 : -1))[0];
  return newest
    ? { id: shortRunId(newest.id), modules: newest.stored, total: Math.max(newest.total, newest.stored) }
    : null;
}
