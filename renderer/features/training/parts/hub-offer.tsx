/** What a recipe names and this machine lacks: asked of the Hub, shown with size and terms, downloaded when its user says so. */
import { Button } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import type { HubNeed, HubPlan } from "../../../../src/contract/domain/hub.ts";
import type { Job } from "../../../../src/contract/domain/job.ts";
import type { FieldProblem } from "../../../../src/contract/domain/training.ts";
import { formatBytes, formatNumberOf } from "../../../../src/contract/format.ts";
import { isDatasetAddress } from "../../../../src/contract/hub-id.ts";
import { shortText } from "../../../../src/contract/text.ts";
import { useEngine } from "../../../client/engine.ts";
import { mergeJob } from "../../../client/live-cache.ts";
import { jobsQuery } from "../../../client/queries.ts";
import { ErrorCard } from "../../../widgets/error-card.tsx";
import { toErrorDocument } from "../../../widgets/error-document.ts";
import { Notice } from "../../../widgets/notice.tsx";
import { ProgressBar } from "../../../widgets/progress-bar.tsx";
import formStyles from "../recipe.module.css";
import type { DraftModel } from "../use-draft.ts";

/** @param field whose needs are shown: `base`, `data.files` */
export function HubOffers({ model, field }: { model: DraftModel; field: string }) {
  const distinct = new Map(needsOf(model, field).map((need) => [JSON.stringify([need.source, need.select]), need]));
  if (distinct.size === 0) return undefined;
  return (
    <div className={formStyles.offers}>
      {[...distinct].map(([key, need]) => (
        <HubOffer key={key} need={need} />
      ))}
    </div>
  );
}

/** Problems of a field that no offer stands for. */
export function otherProblems(model: DraftModel, field: string): FieldProblem[] {
  const offered = new Set(needsOf(model, field).map((need) => need.field));
  return model.problemsOf(field).filter((problem) => !offered.has(problem.field));
}

function needsOf({ resolution }: DraftModel, field: string): HubNeed[] {
  return resolution?.missing.filter((need) => need.field.startsWith(`${field}.`)) ?? [];
}

function HubOffer({ need: { source, select } }: { need: HubNeed }) {
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
  const job = useDownload(source);
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

/** The download under way, from here or from elsewhere; when it has ended the recipe is looked at again. */
function useDownload(source: string): Job | undefined {
  const engine = useEngine();
  const queries = useQueryClient();
  const { data: jobs = [] } = useQuery(jobsQuery(engine));
  const job = jobs.find(
    ({ question, state }) =>
      question.kind === "download" && question.spec.source === source && (state === "queued" || state === "running"),
  );
  const id = job?.id;
  useEffect(() => {
    if (id === undefined) return undefined;
    return () => void queries.invalidateQueries({ queryKey: ["training-resolve"] });
  }, [id, queries]);
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
