/** A link to a run that is not in this workspace: the card names it; what is there can still be shown. */
import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams, useSearch } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { formatNumberOf } from "../../src/contract/format.ts";
import { useEngine } from "../client/engine.ts";
import { runsQuery } from "../client/queries.ts";
import { ErrorCard } from "../widgets/error-card.tsx";
import { PageHead } from "../widgets/page-head.tsx";
import styles from "./shell.module.css";

export function MissingRunsGuard({ children }: { children: ReactNode }) {
  const engine = useEngine();
  const asked = useAskedRuns();
  const runs = useQuery({ ...runsQuery(engine), enabled: asked.length > 0 });
  const known = runs.data;
  const missing = known ? asked.filter((id) => !known.some((run) => run.id === id)) : [];
  if (missing.length === 0 || runs.isFetching) return children;
  return <MissingRuns missing={missing} others={known?.length ?? 0} />;
}

/** Ids of runs in the address, from the path and from `runs`. */
function useAskedRuns(): string[] {
  const { run } = useParams({ strict: false }) as { run?: string };
  const { runs } = useSearch({ strict: false }) as { runs?: unknown };
  const listed = Array.isArray(runs) ? runs.map(String) : typeof runs === "string" ? runs.split(",") : [];
  return [...(run ? [run] : []), ...listed].filter((id) => id !== "");
}

function MissingRuns({ missing, others }: { missing: readonly string[]; others: number }) {
  const names = missing.map((id) => `“${id}”`).join(", ");
  const message =
    missing.length === 1 ? `This workspace has no run ${names}.` : `This workspace has none of the runs ${names}.`;
  const tip = "The link may come from another workspace, or the run was measured again with other settings.";
  return (
    <>
      <PageHead title="The link leads nowhere" />
      <div className={styles.alone}>
        <ErrorCard
          error={{ code: "run.not-found", message, tip, retryable: false }}
          actions={
            <>
              {others > 0 && (
                <Button variant="filled" renderRoot={(props) => <Link to="/compare" {...props} />}>
                  Compare the {formatNumberOf(others, "run")} here
                </Button>
              )}
              <Button renderRoot={(props) => <Link to="/library" {...props} />}>Open the library</Button>
            </>
          }
        />
      </div>
    </>
  );
}
