/** A thin bar while the engine is away, and for a moment after it came back. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import type { Job } from "../../src/contract/domain/job.ts";
import { formatNumberOf } from "../../src/contract/format.ts";
import { useConnection } from "../client/connection-context.ts";
import { useEngine } from "../client/engine.ts";
import { jobsQuery, runsQuery } from "../client/queries.ts";
import { useHost } from "../host/host.ts";
import { announce } from "../widgets/announce.ts";
import styles from "./connection-bar.module.css";

/** How long "Resumed" is shown, in milliseconds. */
const resumedFor = 6000;

export function ConnectionBar() {
  const { phase, resumptions } = useConnection();
  const resumed = useRecent(resumptions);
  const desktop = useHost().kind === "desktop";
  if (phase === "signed-out") {
    return (
      <p className={styles.gone} role="alert">
        The server does not know this browser any more. Open the address that it printed when it started.
      </p>
    );
  }
  if (phase === "gone") {
    return (
      <p className={styles.gone} role="alert" data-testid="engine-gone">
        {desktop ? "The engine stopped. Restarting…" : "The engine stopped answering. Reconnecting…"}
      </p>
    );
  }
  return resumed ? <Resumed /> : null;
}

/** Finished work is in the store: what it counts was kept. */
function Resumed() {
  const engine = useEngine();
  const { data: runs = [] } = useQuery(runsQuery(engine));
  const kept = runs.reduce((sum, run) => sum + run.modules, 0);
  const { data: jobs = [] } = useQuery(jobsQuery(engine));
  const stopped = jobs.filter(({ state, error }) => state === "failed" && error?.code === "job.interrupted");
  const count = formatNumberOf(kept, "module");
  const sentence = stopped.length === 0 ? `Resumed, ${count} kept.` : `Connected again, ${count} kept.`;
  useEffect(() => announce(sentence), [sentence]);
  return (
    <p className={styles.resumed} data-testid="engine-resumed">
      {sentence}
      {stopped.length > 0 && <ResumeStopped jobs={stopped} />}
    </p>
  );
}

/** A server that was started anew leaves what it computed to the user. */
function ResumeStopped({ jobs }: { jobs: readonly Job[] }) {
  const engine = useEngine();
  const queries = useQueryClient();
  const resume = useMutation({
    mutationFn: () => Promise.all(jobs.map(({ id }) => engine.jobs.resume({ job: id }))),
    onSettled: () => queries.invalidateQueries({ queryKey: jobsQuery(engine).queryKey }),
  });
  return (
    <button type="button" className={styles.action} disabled={resume.isPending} onClick={() => resume.mutate()}>
      {jobs.length === 1 ? "Resume the analysis" : `Resume ${formatNumberOf(jobs.length, "analysis", "analyses")}`}
    </button>
  );
}

/** True for a while after `count` grew. */
function useRecent(count: number): boolean {
  const [recent, setRecent] = useState(false);
  useEffect(() => {
    if (count === 0) return undefined;
    setRecent(true);
    const timer = setTimeout(() => setRecent(false), resumedFor);
    return () => clearTimeout(timer);
  }, [count]);
  return recent;
}
