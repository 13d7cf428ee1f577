/** Keys of the Library; they act on the row with the cursor. */
import type { RefObject } from "react";
import { commandKey } from "../../widgets/key-commands.ts";
import { type KeyBinding, useKeys } from "../../widgets/keyboard.ts";
import type { LibraryPage } from "./use-library-page.ts";

export function useLibraryKeys(page: LibraryPage, filter: RefObject<HTMLInputElement | null>): void {
  const { cursorIndex, current, rows } = page;
  const onPage = (act: () => unknown) => (event: KeyboardEvent) => (isOfPage(event) ? act() : false);
  const move = (by: number) => onPage(() => page.moveTo(cursorIndex < 0 ? 0 : cursorIndex + by));
  const fold = (open: boolean) =>
    onPage(() => {
      const row = rows[cursorIndex];
      if (row) page.setOpen(row.group, open);
      if (row?.type === "item" && !open) page.place.setCursor(row.group.id);
    });
  const bindings: KeyBinding[] = [
    { ...commandKey("library.next"), run: move(1) },
    { ...commandKey("library.previous"), run: move(-1) },
    { keys: "ArrowDown", does: "Next row", run: move(1), always: true },
    { keys: "ArrowUp", does: "Previous row", run: move(-1), always: true },
    { keys: "ArrowRight", does: "Open the group", run: fold(true), always: true },
    { keys: "ArrowLeft", does: "Close the group", run: fold(false), always: true },
    { keys: "Home", does: "First row", run: onPage(() => page.moveTo(0)), always: true },
    { keys: "End", does: "Last row", run: onPage(() => page.moveTo(rows.length - 1)), always: true },
    { ...commandKey("library.add"), run: onPage(page.folders.choose) },
    { keys: "Space", does: "Select for a comparison", run: onPage(() => current && page.pick(current)), always: true },
    { keys: "Enter", does: "Open in Compare", run: onPage(() => current && page.open(current)), always: true },
    { keys: "Delete", does: "Remove from the list, the files stay", run: onPage(page.remove), always: true },
    { ...commandKey("filter"), run: onPage(() => filter.current?.focus()) },
  ];
  useKeys("Library", bindings);
}

/** Keys belong to whatever control has the focus first, and to an open dialog before the page. */
function isOfPage(event: KeyboardEvent): boolean {
  if (document.querySelector('[role="dialog"]')) return false;
  const target = event.target instanceof Element ? event.target : undefined;
  return !target?.closest("button, a, input, select, textarea, [role=menu]");
}
