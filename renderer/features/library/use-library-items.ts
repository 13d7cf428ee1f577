/** Adding, removing and looking for items; what came of it stands in `outcome` until the next act. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { LibraryItem } from "../../../src/contract/domain/library.ts";
import type { ErrorDocument } from "../../../src/contract/errors.ts";
import { formatNumberOf } from "../../../src/contract/format.ts";
import { shortText } from "../../../src/contract/text.ts";
import { useEngine } from "../../client/engine.ts";
import { libraryQuery, settingsQuery } from "../../client/queries.ts";
import { announce } from "../../widgets/announce.ts";
import { toErrorDocument } from "../../widgets/error-document.ts";
import { offerUndo } from "../../widgets/undo.ts";
import { addedSentence, mostPaths } from "./model/dropped.ts";

export type Outcome =
  | { type: "error"; error: ErrorDocument }
  | { type: "note"; text: string }
  /** Something was dropped that the page cannot open by itself. */
  | { type: "no-path" };

export function useLibraryItems() {
  const engine = useEngine();
  const queries = useQueryClient();
  const [outcome, setOutcome] = useState<Outcome>();
  const { queryKey } = libraryQuery(engine);
  const failed = (thrown: unknown) => setOutcome({ type: "error", error: toErrorDocument(thrown) });
  const show = (items: LibraryItem[]) => queries.setQueryData(queryKey, items);

  /** Runs an act that answers the items it found, and says how many of them are new. */
  async function find(act: () => Promise<LibraryItem[]>): Promise<{ found: number; fresh: number }> {
    setOutcome(undefined);
    const before = new Set(queries.getQueryData(queryKey)?.map(({ id }) => id));
    const items = await act();
    await queries.invalidateQueries({ queryKey });
    const fresh = items.filter(({ id }) => !before.has(id)).length;
    announce(`${formatNumberOf(fresh, "item")} added.`);
    return { found: items.length, fresh };
  }

  const add = useMutation({
    mutationFn: async (paths: readonly string[]) => {
      const { found, fresh } = await find(() => engine.library.add({ paths: paths.slice(0, mostPaths) }));
      const text = addedSentence(paths.length, found, fresh);
      if (text) setOutcome({ type: "note", text });
    },
    onError: failed,
  });

  const scan = useMutation({
    mutationFn: async () => {
      const { fresh } = await find(() => engine.library.scanCache());
      setOutcome({ type: "note", text: scanSentence(fresh) });
    },
    onError: failed,
  });

  const openDemo = useMutation({
    mutationFn: () => find(async () => (await engine.workspace.openDemo()).items),
    onError: failed,
  });

  /** Null makes a full checkpoint a base itself. */
  const assignBase = useMutation({
    mutationFn: async ({ item, base }: { item: string; base: string | null }) => {
      setOutcome(undefined);
      show(await engine.library.assignBase({ item, base }));
    },
    onError: failed,
  });

  async function remove(items: readonly LibraryItem[]) {
    const ids = items.map(({ id }) => id);
    if (ids.length === 0) return;
    try {
      show(await engine.library.remove({ items: ids }));
      offerUndo(`Removed ${namesOf(items)} from the list. The files stay.`, () =>
        engine.library.restore({ items: ids }).then(show, failed),
      );
    } catch (thrown) {
      failed(thrown);
    }
  }

  async function dismissDemo() {
    const settings = await engine.workspace.configure({ demoDismissed: true });
    queries.setQueryData(settingsQuery(engine).queryKey, settings);
  }

  return { add, scan, openDemo, assignBase, remove, dismissDemo, outcome, setOutcome };
}

function namesOf(items: readonly LibraryItem[]): string {
  const [first] = items;
  return items.length === 1 && first ? `“${shortText(first.label, 40)}”` : formatNumberOf(items.length, "item");
}

function scanSentence(fresh: number): string {
  if (fresh === 0) return "The Hugging Face cache of this machine holds nothing new.";
  return `${formatNumberOf(fresh, "item")} found in the Hugging Face cache.`;
}
