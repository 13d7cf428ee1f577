/** What is named and this machine lacks: asked of the Hub, shown with size and terms, downloaded when its user says so. */
import { Button } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import type { HubPlan, HubSelection } from "../../src/contract/domain/hub.ts";
import type { Job } from "../../src/contract/domain/job.ts";
import { formatBytes, formatNumberOf } from "../../src/contract/format.ts";
import { isDatasetAddress } from "../../src/contract/hub-id.ts";
import { shortText } from "../../src/contract/text.ts";
import { useEngine } from "../client/engine.ts";
import { mergeJob } from "../client/live-cache.ts";
import { jobsQuery } from "../client/queries.ts";
import { ErrorCard } from "../widgets/error-card.tsx";
import { toErrorDocument } from "../widgets/error-document.ts";
import { Notice } from "../widgets/notice.tsx";
import { ProgressBar } from "../widgets/progress-bar.tsx";

interface HubOfferProps {
  /** `hf://owner/name@revision` or `hf://datasets/owner/name`. */
  source: string;
  /** Of a data set, the rows that are wanted. */
  select: HubSelection | null;
  /** A download of it has ended, well or not: who named it may look again. */
  onEnd: () => void;
}

export function HubOffer({ source, select, onEnd }: HubOfferProps) {
  const engine = useEngine();
  const queries = useQueryClient();
  const look = useMutation({ mutationFn: () => engine.hub.plan({ source, select }) });
  const load = useMutation({
    mutationFn: ({ revision, files }: HubPlan) => {
      const names = isDatasetAddress(source) ? { files: files.map(({ name }) => name) } : {};
      return engine.jobs.start({ kind: "download", spec: { source, commit: revision, ...names } });
    },
    onSuccess: (job) => queries.setQueryData<Job[]>(jobsQuery(engine).queryKey, (jobs) => mergeJob(jobs ?? [], job)),
  });
  const job = useDownload(source, onEnd);
  const error = look.error ?? load.error;
  const name = shortText(source.replace(/^hf:\/\//, ""), 80);
  return (
    <Notice
      tone="info"
      testId="hub-offer"
      title={`${name} is not on this machine`}
      actions={
        job === undefined &&
        (look.data === undefined ? (
          <Button size="xs" loading={look.isPending} onClick={() => look.mutate()}>
            Ask the Hub
          </Button>
        ) : (
          <Button
            size="xs"
            variant="filled"
            loading={load.isPending}
            onClick={() => look.data && load.mutate(look.data)}
          >
            {`Download ${formatBytes(look.data.missingBytes)}`}
          </Button>
        ))
      }
    >
      {job === undefined ? <Terms plan={look.data} /> : <Loading job={job} name={name} />}
      {error && <ErrorCard error={toErrorDocument(error)} />}
    </Notice>
  );
}

/** The download under way, from here or from elsewhere. */
function useDownload(source: string, onEnd: () => void): Job | undefined {
  const engine = useEngine();
  const { data: jobs = [] } = useQuery(jobsQuery(engine));
  const job = jobs.find(
    ({ question, state }) =>
      question.kind === "download" && question.spec.source === source && (state === "queued" || state === "running"),
  );
  const id = job?.id;
  const newest = useRef(onEnd);
  newest.current = onEnd;
  useEffect(() => (id === undefined ? undefined : () => newest.current()), [id]);
  return job;
}

function Terms({ plan }: { plan: HubPlan | undefined }) {
  if (plan === undefined) return "The Hub says how large it is and on which terms; nothing is loaded by that.";
  const { files, bytes, missingBytes, licence, gated, revision } = plan;
  const here = bytes - missingBytes;
  return (
    <>
      {`${formatNumberOf(files.length, "file")}, ${formatBytes(bytes)}`}
      {here > 0 && `, of which ${formatBytes(here)} are here`}
      {` at commit ${revision.slice(0, 7)}; ${licence === null ? "no licence named" : `licence ${shortText(licence, 60)}`}.`}
      {gated && " Only for people who accepted its terms: their token is kept in the settings, Hugging Face."}
    </>
  );
}

function Loading({ job: { progress }, name }: { job: Job; name: string }) {
  if (progress === null || progress.total === 0) return "The download waits for its turn.";
  return (
    <>
      <ProgressBar label={`Download of ${name}`} done={progress.done} total={progress.total} />
      {`${formatBytes(progress.done)} of ${formatBytes(progress.total)}`}
    </>
  );
}
