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
import { leftAside, planDrop } from "./model/dropped.ts";

export type Outcome =
  | { type: "error"; error: ErrorDocument }
  | { type: "note"; text: string }
  /** Something was dropped that the page cannot open by itself. */
  | { type: "no-path" };

/** Rows come in while a long list is still being recognised. */
const pathsAtOnce = 25;

export function useLibraryItems() {
  const engine = useEngine();
  const queries = useQueryClient();
  const [outcome, setOutcome] = useState<Outcome>();
  const show = (items: LibraryItem[]) => queries.setQueryData(libraryQuery(engine).queryKey, items);
  const current = () => queries.getQueryData(libraryQuery(engine).queryKey) ?? [];
  const failed = (thrown: unknown) => setOutcome({ type: "error", error: toErrorDocument(thrown) });

  const add = useMutation({
    mutationFn: async (dropped: readonly string[]) => {
      setOutcome(undefined);
      const plan = planDrop(dropped);
      const before = current().length;
      for (let start = 0; start < plan.paths.length; start += pathsAtOnce) {
        show(await engine.library.add({ paths: plan.paths.slice(start, start + pathsAtOnce) }));
      }
      const added = current().length - before;
      announce(`${formatNumberOf(Math.max(0, added), "item")} added.`);
      const text = leftAside(plan, dropped.length) ?? (added === 0 ? "Already in the list." : undefined);
      if (text) setOutcome({ type: "note", text });
    },
    onError: failed,
  });

  const scan = useMutation({
    mutationFn: async () => {
      setOutcome(undefined);
      const before = current().length;
      const items = await engine.library.scanCache();
      show(items);
      const added = items.length - before;
      setOutcome({ type: "note", text: scanSentence(added) });
    },
    onError: failed,
  });

  async function remove(items: readonly LibraryItem[]) {
    const ids = items.map(({ id }) => id);
    if (ids.length === 0) return;
    try {
      show(await engine.library.remove({ items: ids }));
    } catch (thrown) {
      return failed(thrown);
    }
    const named =
      items.length === 1 && items[0] ? `“${shortText(items[0].label, 40)}”` : formatNumberOf(ids.length, "item");
    offerUndo(`Removed ${named} from the list. The files stay.`, async () => {
      show(await engine.library.restore({ items: ids }));
    });
  }

  const openDemo = useMutation({
    mutationFn: async () => {
      setOutcome(undefined);
      const { items } = await engine.workspace.openDemo();
      show(items);
    },
    onError: failed,
  });

  async function dismissDemo() {
    const settings = await engine.workspace.configure({ demoDismissed: true });
    queries.setQueryData(settingsQuery(engine).queryKey, settings);
  }

  return { add, scan, remove, openDemo, dismissDemo, outcome, setOutcome };
}

function scanSentence(added: number): string {
  if (added <= 0) return "The Hugging Face cache of this machine holds nothing new.";
  return `${formatNumberOf(added, "item")} found in the Hugging Face cache.`;
}
