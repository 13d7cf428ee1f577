/** Where a found module or run leads. */
import { useQueryClient } from "@tanstack/react-query";
import { type UseNavigateResult, useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";
import type { AppRun, ModuleRow } from "../../../src/contract/domain/cells.ts";
import { focusWhenShown } from "../focus-when-shown.ts";
import { compareAddress } from "./compare-address.ts";
import type { ModuleActions } from "./module-entries.ts";
import { presentCompare } from "./present-compare.ts";

export function useModuleActions(): ModuleActions {
  const navigate = useNavigate();
  const queries = useQueryClient();
  return useMemo(
    () => ({
      showModule: (run, row) => void showModule(navigate, queries.getQueryData<AppRun[]>(["runs"]) ?? [run], run, row),
      compareRun: (run) => void navigate({ to: "/compare", search: { runs: run.id } }),
    }),
    [navigate, queries],
  );
}

/** Selects the module's cell in Compare and puts the focus there; modules without a cell open in the Inspector. */
async function showModule(
  navigate: UseNavigateResult<string>,
  all: readonly AppRun[],
  run: AppRun,
  row: ModuleRow,
): Promise<void> {
  if (row.layer === null || row.expert !== null) {
    await navigate({ to: "/inspector/$run/m/$name", params: { run: run.id, name: row.name } });
    return;
  }
  await navigate({ to: "/compare", search: (previous) => compareAddress(all, presentCompare(previous), run, row) });
  focusWhenShown(`[data-testid="${CSS.escape(`cell-${run.letter}-${row.layer}-${row.kind}`)}"]`);
}
