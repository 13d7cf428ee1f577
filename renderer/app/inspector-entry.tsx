/** "Inspector" without a module: the last one looked at, or the one with most intruder energy. */
import { IconZoomIn } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Navigate } from "@tanstack/react-router";
import type { AppRun, ModuleRow } from "../../src/contract/domain/cells.ts";
import { useEngine } from "../client/engine.ts";
import { rowsQuery, runsQuery } from "../client/queries.ts";
import { NothingYet } from "../widgets/nothing-yet.tsx";
import { PageHead } from "../widgets/page-head.tsx";
import { lastInspected } from "./last-addresses.ts";

/** As many runs as one question may name. */
const mostRuns = 8;

export function InspectorEntry() {
  const engine = useEngine();
  const runs = useQuery(runsQuery(engine));
  const ids = (runs.data ?? []).slice(0, mostRuns).map((run) => run.id);
  const rows = useQuery(rowsQuery(engine, ids));
  const last = lastInspected();
  if (last) return <Navigate to={last} replace />;
  if (runs.isPending || (ids.length > 0 && rows.isPending)) return <PageHead title="Inspector" />;
  const most = mostTelling(rows.data ?? []);
  const run = runs.data?.find((candidate) => most?.analysis.startsWith(candidate.id));
  return most && run ? <Navigate {...addressOf(run, most)} replace /> : <NothingToInspect />;
}

function NothingToInspect() {
  return (
    <NothingYet
      view="Inspector"
      icon={<IconZoomIn size={24} stroke={1.4} aria-hidden="true" />}
      title="No module is measured yet"
      sentence="Compare a base with a tuned checkpoint; every measured module can be opened here."
    />
  );
}

function mostTelling(rows: readonly ModuleRow[]): ModuleRow | undefined {
  const strength = (row: ModuleRow) => (row.intruderEnergy ?? 0) * 1e6 + (row.relative ?? 0);
  return rows
    .filter((row) => row.status === "measured")
    .reduce<ModuleRow | undefined>((best, row) => (best && strength(best) >= strength(row) ? best : row), undefined);
}

function addressOf(run: AppRun, row: ModuleRow) {
  return row.layer === null || row.expert !== null
    ? ({ to: "/inspector/$run/m/$name", params: { run: run.id, name: row.name } } as const)
    : ({
        to: "/inspector/$run/$layer/$kind",
        params: { run: run.id, layer: String(row.layer), kind: row.kind },
      } as const);
}
