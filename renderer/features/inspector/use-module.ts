/** Everything stored of the module on screen: its measures, its exact view, and what the test says. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import type { ModuleMeasures } from "../../../src/contract/domain/analysis.ts";
import type { AppRun, CosineMap, ModuleRow } from "../../../src/contract/domain/cells.ts";
import { useEngine } from "../../client/engine.ts";
import { cosineMapQuery, moduleQuery } from "../../client/queries.ts";
import { announce } from "../../widgets/announce.ts";
import { type Tested, type TestSettings, testedVectors } from "./model/tested.ts";

export interface ExactView {
  map: CosineMap | undefined;
  /** Whether one is stored is not known yet. */
  pending: boolean;
  computing: boolean;
  error: unknown;
  compute: () => void;
}

export interface StoredModule {
  module: ModuleMeasures | undefined;
  tested: Tested | undefined;
  exact: ExactView;
  pending: boolean;
  error: unknown;
  retry: () => void;
}

export function useModule(run: AppRun, row: ModuleRow, settings: TestSettings): StoredModule {
  const engine = useEngine();
  const answer = useQuery(moduleQuery(engine, run.id, row.name));
  const exact = useExactView(run.id, row.name, settings.side);
  const module = answer.data;
  const tested = useMemo(() => module && testedVectors(module, settings, exact.map), [module, settings, exact.map]);
  return {
    module,
    tested,
    exact,
    pending: answer.isPending,
    error: answer.error,
    retry: () => void answer.refetch(),
  };
}

function useExactView(run: string, name: string, side: "left" | "right"): ExactView {
  const engine = useEngine();
  const queries = useQueryClient();
  const query = cosineMapQuery(engine, run, name, side);
  const stored = useQuery(query);
  const computed = useMutation({
    // One state per module: going to another one must not show this one's error.
    mutationKey: ["exact-view", run, name, side],
    mutationFn: () => engine.inspector.compute({ run, name, side }),
    onSuccess: (map) => {
      queries.setQueryData(query.queryKey, map);
      // The decompositions serve both sides, so the other one may be stored now too.
      void queries.invalidateQueries({ queryKey: query.queryKey.slice(0, 3), refetchType: "none" });
      announce("The exact view is there.");
    },
  });
  return {
    map: stored.data ?? undefined,
    pending: stored.isPending,
    computing: computed.isPending,
    error: computed.error ?? stored.error,
    compute: () => computed.mutate(),
  };
}
