/** The table's tree: bases with what was tuned from them, then what has no base here, then what could not be opened. */
import type { LibraryItem } from "../../../../src/contract/domain/library.ts";
import type { LibrarySearch } from "../search.ts";
import { isTuned, kindName } from "./item-facts.ts";
import { stateOf } from "./item-state.ts";

export interface LibraryGroup {
  id: string;
  /** The base itself; undefined for the groups of items without one. */
  base: LibraryItem | undefined;
  title: string;
  items: LibraryItem[];
}

export type TableRow =
  | { type: "group"; group: LibraryGroup; open: boolean }
  | { type: "item"; item: LibraryItem; group: LibraryGroup };

export const orphanGroup = "without-base";
export const brokenGroup = "not-opened";

export function groupItems(items: readonly LibraryItem[]): LibraryGroup[] {
  const bases = items.filter((item) => item.kind === "base");
  const known = new Set(bases.map(({ id }) => id));
  const tuned = items.filter(isTuned);
  const groups: LibraryGroup[] = bases.map((base) => ({
    id: base.id,
    base,
    title: base.label,
    items: tuned.filter((item) => item.base === base.id),
  }));
  const orphans = tuned.filter((item) => item.base === null || !known.has(item.base));
  const broken = items.filter((item) => item.kind === "unknown");
  if (orphans.length > 0) {
    groups.push({ id: orphanGroup, base: undefined, title: "Base not in this workspace", items: orphans });
  }
  if (broken.length > 0) groups.push({ id: brokenGroup, base: undefined, title: "Not opened", items: broken });
  return groups;
}

/** Groups whose base or items pass the filter; a base that passes keeps all its items. */
export function filterGroups(groups: readonly LibraryGroup[], items: readonly LibraryItem[], filter: LibrarySearch) {
  const passes = matcher(items, filter);
  return groups.flatMap((group) => {
    const kept = group.items.filter(passes);
    const baseKept = group.base !== undefined && passes(group.base);
    if (baseKept && filter.kind === undefined) return [group];
    return kept.length > 0 || baseKept ? [{ ...group, items: kept }] : [];
  });
}

function matcher(items: readonly LibraryItem[], { q, kind }: LibrarySearch): (item: LibraryItem) => boolean {
  const words = (q ?? "").toLowerCase().split(/\s+/).filter(Boolean);
  return (item) => {
    if (kind !== undefined && item.kind !== kind) return false;
    if (words.length === 0) return true;
    const text = `${item.label} ${kindName(item)} ${stateOf(item, items).text}`.toLowerCase();
    return words.every((word) => text.includes(word));
  };
}

export function tableRows(groups: readonly LibraryGroup[], closed: ReadonlySet<string>): TableRow[] {
  return groups.flatMap((group): TableRow[] => {
    const open = !closed.has(group.id);
    const head: TableRow = { type: "group", group, open };
    return open ? [head, ...group.items.map((item): TableRow => ({ type: "item", item, group }))] : [head];
  });
}

/** The item that a row stands for; a group without base stands for none. */
export function itemOfRow(row: TableRow | undefined): LibraryItem | undefined {
  return row?.type === "item" ? row.item : row?.group.base;
}
