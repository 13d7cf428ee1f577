/** New run, Sweep, Live, History: the four pages of Fine-tune; Live and Sweep go to the newest one. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useEngine } from "../../../client/engine.ts";
import { sweepsQuery, trainingRunsQuery } from "../../../client/training-queries.ts";
import { PageHead } from "../../../widgets/page-head.tsx";
import styles from "../training.module.css";

export type TrainingPage = "new" | "sweep" | "live" | "history";

interface TrainingHeadProps {
  page: TrainingPage;
  children?: ReactNode;
  actions?: ReactNode;
}

export function TrainingHead({ page, children, actions }: TrainingHeadProps) {
  return (
    <PageHead title="Fine-tune" actions={actions}>
      <Tabs page={page} />
      {children}
    </PageHead>
  );
}

function Tabs({ page }: { page: TrainingPage }) {
  const engine = useEngine();
  const runs = useQuery(trainingRunsQuery(engine)).data ?? [];
  const sweeps = useQuery(sweepsQuery(engine)).data ?? [];
  const live = runs.find(({ state }) => state === "running" || state === "stalled") ?? runs[0];
  const sweep = sweeps.find(({ state }) => state === "running")?.id ?? sweeps[0]?.id ?? "new";
  const mark = (own: TrainingPage) => ({
    className: styles.tab,
    "aria-current": own === page ? ("page" as const) : undefined,
  });
  return (
    <nav className={styles.tabs} aria-label="Fine-tune">
      <Link to="/training/new" {...mark("new")}>
        New run
      </Link>
      <Link to="/training/sweep/$id" params={{ id: sweep }} {...mark("sweep")}>
        Sweep
      </Link>
      {live || page === "live" ? (
        <Link to="/training/run/$id" params={{ id: live?.id ?? "" }} {...mark("live")}>
          Live
        </Link>
      ) : (
        <span className={styles.tab} data-off title="No run was started yet">
          Live
        </span>
      )}
      <Link to="/training/history" {...mark("history")}>
        History
      </Link>
    </nav>
  );
}
