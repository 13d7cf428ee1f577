/** Everything the Library's parts act through: rows, cursor, choice, and what each gesture does. */
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import type { LibraryItem } from "../../../src/contract/domain/library.ts";
import { useEngine } from "../../client/engine.ts";
import { jobsQuery, runsQuery } from "../../client/queries.ts";
import { toErrorDocument } from "../../widgets/error-document.ts";
import { chooseComparison, mostRuns, storedRun } from "./model/comparison.ts";
import { filterGroups, groupItems, itemOfRow, type LibraryGroup, tableRows } from "./model/groups.ts";
import { isTuned } from "./model/item-facts.ts";
import type { Remedy } from "./model/item-state.ts";
import { rowId } from "./parts/library-table.tsx";
import { useComparison } from "./use-comparison.ts";
import { useFolderChoice } from "./use-folder-choice.tsx";
import { useHubModel } from "./use-hub-model.ts";
import { useLibraryItems } from "./use-library-items.ts";
import { useLibraryPlace } from "./use-library-place.ts";

export function useLibraryPage(items: readonly LibraryItem[]) {
  const engine = useEngine();
  const runs = useQuery(runsQuery(engine)).data ?? [];
  const jobs = useQuery(jobsQuery(engine)).data ?? [];
  const place = useLibraryPlace(items);
  const acts = useLibraryItems();
  const comparison = useComparison();
  const folders = useFolderChoice((paths) => acts.add.mutate(paths));
  const hub = useHubModel({
    onHere: (address) => acts.add.mutate([address]),
    onError: (thrown) => acts.setOutcome({ type: "error", error: toErrorDocument(thrown) }),
    onAsked: () => acts.setOutcome(undefined),
  });
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const [baseSought, setBaseSought] = useState<LibraryItem>();

  const groups = useMemo(() => filterGroups(groupItems(items), items, place.search), [items, place.search]);
  const rows = useMemo(() => tableRows(groups, closed), [groups, closed]);
  // Without a choice of the user the first tuned item is shown.
  const cursor = place.search.item ?? rows.find((row) => row.type === "item")?.item.id;
  const cursorIndex = rows.findIndex((row) => rowId(row) === cursor);
  const current = itemOfRow(rows[cursorIndex]);
  const pickedItems = items.filter(({ id }) => place.picked.has(id));
  const choice = chooseComparison(pickedItems.length > 0 ? pickedItems : current ? [current] : [], items);

  function moveTo(index: number) {
    const row = rows[Math.min(rows.length - 1, Math.max(0, index))];
    if (row) place.setCursor(rowId(row));
  }

  function pick(item: LibraryItem) {
    const next = new Set(place.picked);
    if (!next.delete(item.id)) next.add(item.id);
    place.setPicked(next);
  }

  function setOpen(group: LibraryGroup, open: boolean) {
    const next = new Set(closed);
    if (open) next.delete(group.id);
    else next.add(group.id);
    setClosed(next);
  }

  /** Enter and double click: the picked items when the item is one of them, a base with its runs, or the item alone. */
  function open(item: LibraryItem) {
    const own = items.filter((other) => isTuned(other) && other.base === item.id).slice(0, mostRuns);
    const asked = place.picked.has(item.id) ? pickedItems : item.kind === "base" ? [item, ...own] : [item];
    const chosen = chooseComparison(asked, items);
    if (chosen.comparison) void comparison.compare(chosen.comparison);
    else if (isTuned(item) && !place.picked.has(item.id)) setBaseSought(item);
    else acts.setOutcome({ type: "note", text: chosen.reason });
  }

  /** The comparison opens on the base that a person names, and it stays the item's base if the two fit. */
  async function pair(item: LibraryItem, base: LibraryItem) {
    setBaseSought(undefined);
    const assign = () => acts.assignBase.mutateAsync({ item: item.id, base: base.id });
    await comparison.compare({ base, tuned: [item] }, assign);
  }

  /** The base that an adapter names, where it names one of the Hub. */
  function lookForBase(address: string) {
    setBaseSought(undefined);
    hub.look.mutate(address);
  }

  function remedy(item: LibraryItem, kind: Remedy) {
    place.setCursor(item.id);
    if (kind === "rescan") acts.add.mutate([item.path]);
    if (kind === "find-base") setBaseSought(item);
  }

  function remove() {
    const removed = pickedItems.length > 0 ? pickedItems : current ? [current] : [];
    void acts.remove(removed);
    if (pickedItems.length > 0) place.setPicked(new Set());
  }

  const currentBase = items.find(({ id }) => id === current?.base);
  const currentRun = current && currentBase && storedRun(current, currentBase, runs);
  return {
    ...{ items, runs, jobs, rows, place, acts, comparison, folders, choice, current, currentRun, cursor, cursorIndex },
    ...{ baseSought, setBaseSought, moveTo, pick, setOpen, open, pair, remedy, remove },
    ...{ hub, lookForBase },
  };
}

export type LibraryPage = ReturnType<typeof useLibraryPage>;
