/** What can be done to a run from its page: pause, save, stop, go on. */
import { Button, Menu } from "@mantine/core";
import { IconDeviceFloppy, IconPlayerStop } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { Job } from "../../../../src/contract/domain/job.ts";
import type { TrainingRun } from "../../../../src/contract/domain/training.ts";
import { useEngine } from "../../../client/engine.ts";
import { jobsQuery } from "../../../client/queries.ts";
import { announce } from "../../../widgets/announce.ts";
import { Chip } from "../../../widgets/chip.tsx";
import { toErrorDocument } from "../../../widgets/error-document.ts";
import { FileText } from "../../../widgets/file-text.tsx";
import { KeptFocus } from "../../../widgets/kept-focus.tsx";
import liveStyles from "../live.module.css";
import { runOf } from "../model/jobs.ts";
import { isUnderWay } from "../model/words.ts";
import { GoOnButton, PauseButton } from "./job-buttons.tsx";
import { useJobAct } from "./queue-panel.tsx";

export function RunActions({ run }: { run: TrainingRun }) {
  const engine = useEngine();
  const queries = useQueryClient();
  const job = useJobOf(run);
  const act = useJobAct();
  const stop = useMutation({
    mutationFn: (checkpoint: boolean) => engine.training.stop({ run: run.id, checkpoint }),
    onSuccess: (_, checkpoint) => {
      announce(checkpoint ? "The run stops after this step and keeps a checkpoint." : "The run stops after this step.");
      void queries.invalidateQueries({ queryKey: ["training-run", run.id] });
    },
  });
  const save = useMutation({
    mutationFn: () => engine.training.checkpoint({ run: run.id }),
    onSuccess: () => announce("A checkpoint is saved after this step."),
  });
  const problem = act.error ?? stop.error ?? save.error;
  return (
    <KeptFocus state={run.state}>
      {problem && (
        <Chip tone="bad">
          <FileText text={toErrorDocument(problem).message} limit={60} />
        </Chip>
      )}
      {isUnderWay(run) && (
        <>
          {job && (
            <PauseButton pending={act.isPending} onClick={() => act.mutate(() => engine.jobs.pause({ job: job.id }))} />
          )}
          {run.state !== "queued" && (
            <Button
              leftSection={<IconDeviceFloppy size={14} stroke={1.4} aria-hidden="true" />}
              loading={save.isPending}
              onClick={() => save.mutate()}
            >
              Save now
            </Button>
          )}
          <Menu position="bottom-end" width={230}>
            <Menu.Target>
              <Button
                className={liveStyles.stop}
                loading={stop.isPending}
                leftSection={<IconPlayerStop size={14} stroke={1.4} aria-hidden="true" />}
              >
                Stop
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item onClick={() => stop.mutate(true)}>Stop and keep a checkpoint</Menu.Item>
              <Menu.Item onClick={() => stop.mutate(false)}>Stop without a checkpoint</Menu.Item>
            </Menu.Dropdown>
          </Menu>
        </>
      )}
      {resumable(run) && (
        <GoOnButton
          pending={act.isPending}
          onClick={() =>
            act.mutate(() =>
              job
                ? engine.jobs.resume({ job: job.id })
                : engine.jobs.start({ kind: "training", spec: { run: run.id } }),
            )
          }
        >
          Resume
        </GoOnButton>
      )}
    </KeptFocus>
  );
}

function resumable({ state, checkpoint }: TrainingRun): boolean {
  return state === "paused" || ((state === "cancelled" || state === "failed") && checkpoint !== null);
}

/** The newest job of a run that can still be acted on. */
function useJobOf(run: TrainingRun): Job | undefined {
  const engine = useEngine();
  const jobs = useQuery(jobsQuery(engine)).data ?? [];
  return jobs.findLast((job) => runOf(job) === run.id && job.state !== "finished");
}
