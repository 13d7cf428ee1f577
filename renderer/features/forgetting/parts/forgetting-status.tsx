/** What the status bar says while Forgetting is shown: what is measured, what runs, and the keys. */
import type { Job } from "../../../../src/contract/domain/job.ts";
import { formatCount, formatNumberOf, formatRemaining } from "../../../../src/contract/format.ts";
import { Kbd } from "../../../widgets/kbd.tsx";
import { ProgressBar } from "../../../widgets/progress-bar.tsx";
import { StatusSlot } from "../../../widgets/status-slot.tsx";
import type { ForgettingModel } from "../use-forgetting.ts";

/** A time left means something after this many units. */
const unitsBeforeEstimate = 3;

export function ForgettingStatus({ model }: { model: ForgettingModel }) {
  const { spec, shown, document, base, jobs } = model;
  const job = jobs.find((candidate) => runsFor(candidate, base?.path));
  const points = document?.sweep.filter(({ lambda }) => lambda !== 1).length ?? 0;
  return (
    <>
      <StatusSlot side="left">
        {spec && (
          <span>
            <b>
              {formatNumberOf(spec.tasks.length, "task")} × {formatNumberOf(shown.length + 1, "checkpoint")}
            </b>
            {points > 0 && `, ${formatNumberOf(points, "λ point")}`}
          </span>
        )}
        {job && <JobProgress job={job} />}
      </StatusSlot>
      <StatusSlot side="right">
        <span>
          <Kbd keys={["J", "K"]} /> next flip · <Kbd keys="Enter" /> open item · <Kbd keys="G" /> lost, gained
        </span>
      </StatusSlot>
    </>
  );
}

function runsFor({ state, question }: Job, base: string | undefined): boolean {
  return (state === "running" || state === "queued") && question.kind === "audit" && question.spec.base === base;
}

function JobProgress({ job }: { job: Job }) {
  const { progress, title } = job;
  if (!progress) return <span>{job.state === "queued" ? "waiting for its turn" : "opening files"}</span>;
  const { done, total, unit, remainingSeconds } = progress;
  return (
    <>
      <ProgressBar label={title} done={done} total={total} width={90} />
      <span>
        {formatCount(done)} of {formatCount(total)} {unit}
        {remainingSeconds !== undefined && done >= unitsBeforeEstimate && ` · ${formatRemaining(remainingSeconds)}`}
      </span>
    </>
  );
}
