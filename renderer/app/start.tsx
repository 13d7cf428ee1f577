/** The first address: an empty workspace opens the demo, one with results compares, any other shows its library. */
import { Button } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, Navigate, useRouter } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { useEngine } from "../client/engine.ts";
import { runsQuery, workspaceQuery } from "../client/queries.ts";
import { ErrorCard } from "../widgets/error-card.tsx";
import { toErrorDocument } from "../widgets/error-document.ts";
import { PageHead } from "../widgets/page-head.tsx";
import styles from "./shell.module.css";

export function StartView() {
  const engine = useEngine();
  const workspace = useQuery(workspaceQuery(engine));
  const runs = useQuery(runsQuery(engine));
  const error = workspace.error ?? runs.error;
  if (error) {
    return (
      <div className={styles.alone}>
        <ErrorCard
          error={toErrorDocument(error)}
          actions={
            <Button
              variant="filled"
              onClick={() => {
                void workspace.refetch();
                void runs.refetch();
              }}
            >
              Try again
            </Button>
          }
        />
      </div>
    );
  }
  if (!workspace.data || !runs.data) return <PageHead title="Compare" />;
  return <Entrance empty={workspace.data.empty} runs={runs.data.length} />;
}

/** What was there on arrival decides: opening the demo changes both. */
function Entrance({ empty, runs }: { empty: boolean; runs: number }) {
  const [wasEmpty] = useState(empty);
  if (wasEmpty) return <FirstStart />;
  return <Navigate to={runs > 0 ? "/compare" : "/library"} replace />;
}

/** Opens the demo without a question. */
function FirstStart() {
  const open = useOpenDemo();
  const { mutate } = open;
  const router = useRouter();
  useEffect(() => {
    mutate();
    // The view loads while the engine opens the demo.
    void router.preloadRoute({ to: "/compare" });
  }, [mutate, router]);
  if (open.isSuccess) return <Navigate to="/compare" replace />;
  if (open.isError) {
    return (
      <div className={styles.alone}>
        <ErrorCard
          title="The demo could not be opened"
          error={toErrorDocument(open.error)}
          actions={
            <>
              <Button variant="filled" onClick={() => mutate()}>
                Try again
              </Button>
              <Button renderRoot={(props) => <Link to="/library" {...props} />}>Open the library</Button>
            </>
          }
        />
      </div>
    );
  }
  return <PageHead title="Compare">The demo is being opened.</PageHead>;
}

/** Opens the demo; it stays where the view is. */
export function useOpenDemo() {
  const engine = useEngine();
  const queries = useQueryClient();
  return useMutation({
    mutationKey: ["open-demo"],
    mutationFn: () => engine.workspace.openDemo(),
    onSuccess: () => queries.invalidateQueries(),
  });
}
