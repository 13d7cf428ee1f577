/** Some modules failed: the rest stays, the card says how many and shows them. */
import { Button } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import type { AnalysisSpec } from "../../../../src/contract/domain/analysis.ts";
import type { ModuleRow } from "../../../../src/contract/domain/cells.ts";
import { formatNumberOf } from "../../../../src/contract/format.ts";
import { useEngine } from "../../../client/engine.ts";
import { jobsQuery } from "../../../client/queries.ts";
import { FileText } from "../../../widgets/file-text.tsx";
import { Notice } from "../../../widgets/notice.tsx";
import type { CompareModel } from "../compare-model.ts";
import styles from "./failed-modules.module.css";

export function FailedModules({ compare }: { compare: CompareModel }) {
  const { rows, update } = compare;
  const failed = rows.filter(({ status }) => status === "failed");
  const retry = useRetry(compare);
  if (failed.length === 0) return null;
  const count = formatNumberOf(rows.length, "module");
  return (
    <div className={styles.room}>
      <Notice
        tone="warn"
        testId="failed-modules"
        footer={<code>{codesOf(failed).join(" · ")}</code>}
        title={`${failed.length} of ${count} failed`}
        actions={
          <>
            {retry && <Button onClick={retry}>Retry with one thread</Button>}
            <Button variant="subtle" onClick={() => update({ as: "table", q: "status:failed" })}>
              Show the {failed.length}
            </Button>
          </>
        }
      >
        <FileText text={failed[0]?.error ?? "They could not be measured."} limit={300} /> The rest is complete and
        usable.
      </Notice>
    </div>
  );
}

/** Each reason once, the most frequent first. */
function codesOf(failed: readonly ModuleRow[]): string[] {
  const counts = new Map<string, number>();
  for (const { errorCode } of failed) if (errorCode) counts.set(errorCode, (counts.get(errorCode) ?? 0) + 1);
  return [...counts].toSorted(([, one], [, other]) => other - one).map(([code]) => code);
}

/** Asks the job that measured these runs again, with one thread; undefined when this workspace no longer knows it. */
function useRetry({ runs }: CompareModel): (() => void) | undefined {
  const engine = useEngine();
  const jobs = useQuery(jobsQuery(engine));
  const start = useMutation({ mutationFn: (spec: AnalysisSpec) => engine.jobs.start({ kind: "analysis", spec }) });
  const job = jobs.data?.findLast(({ analyses }) => runs.some(({ analysis }) => analyses.includes(analysis)));
  if (job?.question.kind !== "analysis") return undefined;
  const { spec } = job.question;
  return () => start.mutate({ ...spec, threads: 1 });
}
