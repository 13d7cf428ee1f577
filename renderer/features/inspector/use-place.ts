/** Where the Inspector stands: runs, the run and module of the address, and the settings of the test. */
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";
import type { AppRun, ModuleRow } from "../../../src/contract/domain/cells.ts";
import { useEngine } from "../../client/engine.ts";
import { rowsQuery, runsQuery } from "../../client/queries.ts";
import { addressOf, type ModuleAddress, rowAt } from "./model/place.ts";
import type { TestSettings } from "./model/tested.ts";
import type { InspectorSearch } from "./search.ts";

/** As many runs as one question may name. */
const mostRuns = 8;
const noRuns: readonly AppRun[] = [];
const noRows: readonly ModuleRow[] = [];

export interface Place {
  address: ModuleAddress;
  search: InspectorSearch;
  /** Undefined until known, or when the workspace has no such run. */
  run: AppRun | undefined;
  /** Runs on the same base, this one among them. */
  family: readonly AppRun[];
  rows: readonly ModuleRow[];
  /** Rows of this run. */
  own: readonly ModuleRow[];
  row: ModuleRow | undefined;
  settings: TestSettings;
  pending: boolean;
  error: unknown;
  retry: () => void;
  /** Goes to a module, with the same test settings. */
  open: (run: string, row: Pick<ModuleRow, "layer" | "kind" | "name" | "expert">) => void;
  change: (changes: Partial<InspectorSearch>) => void;
}

export function usePlace(): Place {
  const engine = useEngine();
  const address = useParams({ strict: false }) as ModuleAddress;
  const search = useSearch({ strict: false }) as InspectorSearch;
  const runs = useQuery(runsQuery(engine));
  const run = runs.data?.find(({ id }) => id === address.run);
  const family = useMemo(() => (run ? familyOf(runs.data ?? noRuns, run) : noRuns), [runs.data, run]);
  const answer = useQuery(
    rowsQuery(
      engine,
      family.map(({ id }) => id),
    ),
  );
  const rows = answer.data ?? noRows;
  const own = useMemo(() => rows.filter(({ analysis }) => analysis === run?.analysis), [rows, run]);
  const settings = useMemo(() => settingsOf(run, search), [run, search]);
  const failed = runs.isError ? runs : answer;
  return {
    address,
    search,
    run,
    family,
    rows,
    own,
    row: rowAt(own, address),
    settings,
    pending: runs.isPending || (run !== undefined && answer.isPending),
    error: failed.error,
    retry: () => void failed.refetch(),
    ...useMoves(),
  };
}

function useMoves() {
  const navigate = useNavigate();
  const open = useCallback<Place["open"]>(
    (run, row) => void navigate({ ...addressOf(run, row), search: (before: InspectorSearch) => before }),
    [navigate],
  );
  const change = useCallback<Place["change"]>(
    (changes) =>
      void navigate({
        to: ".",
        search: (before: InspectorSearch) => ({ ...before, ...changes }),
        replace: true,
      }),
    [navigate],
  );
  return { open, change };
}

/** Runs on the base of `run`; it stays in the list however many there are. */
function familyOf(runs: readonly AppRun[], run: AppRun): AppRun[] {
  const same = runs.filter(({ base }) => base.fingerprint === run.base.fingerprint);
  const first = same.slice(0, mostRuns);
  return first.includes(run) ? first : [...first.slice(0, mostRuns - 1), run];
}

/** The address over the run's own settings; no more vectors can be tested than are stored. */
function settingsOf(run: AppRun | undefined, search: InspectorSearch): TestSettings {
  const stored = run?.k ?? 10;
  return {
    k: Math.min(search.k ?? stored, stored),
    epsilon: search.eps ?? run?.epsilon ?? 0.5,
    side: search.side ?? (run?.side === "right" ? "right" : "left"),
  };
}
