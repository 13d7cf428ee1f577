/** Where a found module or run leads. */
import { useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";
import type { AppRun, ModuleRow } from "../../../src/contract/domain/cells.ts";
import { focusWhenShown } from "../focus-when-shown.ts";
import type { ModuleActions } from "./module-entries.ts";

export function useModuleActions(): ModuleActions {
  const navigate = useNavigate();
  return useMemo(
    () => ({
      showModule: (run, row) => void showModule(navigate, run, row),
      compareRun: (run) => void navigate({ to: "/compare", search: { runs: run.id } }),
    }),
    [navigate],
  );
}

/** Selects the module's cell in Compare and puts the focus there; modules without a cell open in the Inspector. */
async function showModule(navigate: ReturnType<typeof useNavigate>, run: AppRun, row: ModuleRow): Promise<void> {
  if (row.layer === null || row.expert !== null) {
    await navigate({ to: "/inspector/$run/m/$name", params: { run: run.id, name: row.name } });
    return;
  }
  const sel = `${row.layer}.${row.kind}`;
  const stay = window.location.pathname === "/compare";
  await navigate({
    to: "/compare",
    search: (previous) => (stay ? { ...previous, sel, at: run.id, as: undefined } : { sel, at: run.id }),
  });
  focusWhenShown(`[data-testid="cell-${run.letter}-${row.layer}-${CSS.escape(row.kind)}"]`);
}
