/** What the last evaluation could not do; the rest of the view stands. */
import { Button } from "@mantine/core";
import { shortText } from "../../../../src/contract/text.ts";
import { ErrorCard } from "../../../widgets/error-card.tsx";
import { Notice } from "../../../widgets/notice.tsx";
import type { ForgettingModel } from "../use-forgetting.ts";
import { useResume } from "../use-start-audit.ts";

export function Failures({ model: { failures, lastJob } }: { model: ForgettingModel }) {
  const resume = useResume();
  const again = lastJob && (
    <Button size="xs" onClick={() => resume.mutate(lastJob)} loading={resume.isPending}>
      {lastJob.state === "finished" ? "Try again" : "Resume"}
    </Button>
  );
  const [first] = failures;
  if (lastJob?.state === "failed" && lastJob.error) {
    return (
      <ErrorCard title="The evaluation stopped; what it had measured is kept" error={lastJob.error} actions={again} />
    );
  }
  return (
    <>
      {(lastJob?.state === "cancelled" || lastJob?.state === "paused") && (
        <Notice tone="info" title={`The evaluation was ${lastJob.state}`} actions={again}>
          {lastJob.note}
        </Notice>
      )}
      {first && (
        <ErrorCard
          tone="warn"
          testId="failed-run"
          title={`${namesOf(failures)} could not be measured; the rest is complete and usable`}
          error={first.error}
          actions={again}
        />
      )}
    </>
  );
}

/** Names before the others are counted. */
const mostNames = 3;

function namesOf(failures: readonly { label: string }[]): string {
  const names = failures.slice(0, mostNames).map(({ label }) => shortText(label, 40));
  const rest = failures.length - names.length;
  return names.join(", ") + (rest > 0 ? ` and ${rest} more` : "");
}
