/** The λ sweep of one run: its paths, the λ that stands out, and what is missing. */
import { Button, Menu, Slider } from "@mantine/core";
import { IconChevronDown } from "@tabler/icons-react";
import { useMemo } from "react";
import type { AuditDocument } from "../../../../src/contract/domain/audit.ts";
import type { Arm } from "../../../../src/contract/domain/edit.ts";
import { formatNumberOf, formatThreshold } from "../../../../src/contract/format.ts";
import { shortText } from "../../../../src/contract/text.ts";
import { LambdaSweepChart } from "../../../charts/lambda-sweep.tsx";
import { Mark } from "../../../charts/marks.tsx";
import { RunBadge } from "../../../widgets/run-badge.tsx";
import styles from "../forgetting.module.css";
import { allArms, missingSpec, usualArms } from "../model/question.ts";
import { armMeanings, armNames, measuredLambdas, pathsOf, sweepChart, trainedPoints } from "../model/sweep.ts";
import { armLooks, chartArms, chartRuns } from "../model/sweep-chart.ts";
import type { ForgettingModel } from "../use-forgetting.ts";
import { useStartAudit } from "../use-start-audit.ts";

interface SweepPanelProps {
  model: ForgettingModel;
  document: AuditDocument;
}

export function SweepBody({ model, document }: SweepPanelProps) {
  const { swept, arms, shown, lambda, change, spec } = model;
  const paths = useMemo(() => (swept ? pathsOf(document, swept, arms) : []), [document, swept, arms]);
  const drawn = useMemo(() => chartArms(paths), [paths]);
  const runs = useMemo(() => chartRuns(trainedPoints(document, shown)), [document, shown]);
  const newTask = spec?.tasks.find(({ role }) => role === "new")?.name;
  const base = document.baseline.find(({ task }) => task === newTask)?.value;
  if (!swept) return null;
  return (
    <div className={styles.sweep}>
      <div className={styles.sweepChart}>
        {newTask === undefined || base === undefined || runs.length === 0 ? (
          <p className={styles.note}>{missingWords(newTask, base)}</p>
        ) : (
          <LambdaSweepChart
            name={sweepChart}
            label={sentence(swept.letter, drawn.length, newTask)}
            newTask={shortText(newTask, 24)}
            arms={drawn}
            runs={runs}
            base={base}
            lambda={lambda}
            onLambda={(next) => change({ lambda: next })}
          />
        )}
      </div>
      <ArmKey arms={paths.map(({ arm }) => arm)} />
      <LambdaControl model={model} document={document} />
    </div>
  );
}

function sentence(letter: string | undefined, arms: number, newTask: string): string {
  return `${newTask} accuracy against the change on old tasks: ${formatNumberOf(arms, "arm")} of run ${letter ?? ""} by λ, runs and base as points.`;
}

function missingWords(newTask: string | undefined, base: number | undefined): string {
  if (newTask === undefined) return "The sweep needs a new task: mark one as new under Evaluate.";
  return base === undefined
    ? "The base is not measured on the new task yet."
    : "No run is measured on the new task yet.";
}

function ArmKey({ arms }: { arms: readonly Arm[] }) {
  if (arms.length === 0) return null;
  return (
    <ul className={styles.armKey} aria-label="Arms">
      {arms.map((arm) => {
        const { colour, dash, shape } = armLooks[arm];
        return (
          <li key={arm} title={armMeanings[arm]}>
            <svg width={24} height={12} aria-hidden="true">
              <path d="M0 6h24" stroke={colour} strokeWidth={1.6} strokeDasharray={dash} />
              <Mark shape={shape} x={12} y={6} size={2.8} fill="var(--panel)" stroke={colour} />
            </svg>
            {armNames[arm]}
          </li>
        );
      })}
    </ul>
  );
}

/** Previews what is stored while it moves; what is not stored is one click away. */
function LambdaControl({ model, document }: SweepPanelProps) {
  const { swept, question, change, arms } = model;
  const start = useStartAudit();
  const lambda = model.lambda ?? 1;
  const measured = swept ? measuredLambdas(document, swept) : [];
  const stored = lambda === 1 || measured.includes(lambda);
  if (!swept || !question) return null;
  return (
    <div className={styles.lambda}>
      <span className={styles.lambdaValue} aria-hidden="true">
        λ <b>{formatThreshold(lambda)}</b>
      </span>
      <Slider
        className={styles.slider}
        thumbLabel="λ"
        label={null}
        min={0}
        max={1}
        step={0.05}
        value={Math.min(1, lambda)}
        marks={measured.filter((value) => value <= 1).map((value) => ({ value }))}
        onChange={(next) => change({ lambda: round(next) }, true)}
      />
      {stored ? (
        <Button
          size="xs"
          disabled={lambda === 1}
          aria-label={`Export at λ ${formatThreshold(lambda)}`}
          onClick={() => change({ sheet: "export" })}
        >
          Export
        </Button>
      ) : (
        <Button
          size="xs"
          variant="filled"
          aria-label={`Measure λ ${formatThreshold(lambda)}`}
          loading={start.isPending}
          onClick={() => start.mutate(missingSpec(question, swept, lambda, arms ?? usualArms))}
        >
          Measure
        </Button>
      )}
      <Button size="xs" onClick={() => change({ sheet: "evaluate" })}>
        Add λ values
      </Button>
    </div>
  );
}

/** Steps of the slider without the dust of floating point. */
function round(value: number): number {
  return Number(value.toFixed(4));
}

/** Run and arms of the sweep, in the panel's head. */
export function SweepTools({ model }: { model: ForgettingModel }) {
  const { swept, shown, change, arms } = model;
  if (!swept) return null;
  const chosen = arms ?? allArms;
  return (
    <>
      <Menu position="bottom-end" width={220}>
        <Menu.Target>
          <Button size="xs" title={shortText(swept.label, 40)}>
            <span className="visually-hidden">Run of the sweep: </span>
            <RunBadge letter={swept.letter} />
            <IconChevronDown size={12} stroke={1.4} aria-hidden="true" />
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {shown
            .filter(({ run }) => run !== undefined)
            .map((subject) => (
              <Menu.Item
                key={subject.id}
                leftSection={<RunBadge letter={subject.letter} />}
                onClick={() => change({ of: subject.id })}
              >
                {shortText(subject.label, 32)}
              </Menu.Item>
            ))}
        </Menu.Dropdown>
      </Menu>
      <Menu position="bottom-end" width={240} closeOnItemClick={false}>
        <Menu.Target>
          <Button size="xs" rightSection={<IconChevronDown size={12} stroke={1.4} aria-hidden="true" />}>
            Arms
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {allArms.map((arm) => (
            <Menu.CheckboxItem
              key={arm}
              checked={chosen.includes(arm)}
              disabled={chosen.length === 1 && chosen.includes(arm)}
              onChange={() => change({ arms: toggled(chosen, arm) }, true)}
            >
              {armNames[arm]}
            </Menu.CheckboxItem>
          ))}
        </Menu.Dropdown>
      </Menu>
    </>
  );
}

/** All arms are the same as none named. */
function toggled(chosen: readonly Arm[], arm: Arm): string | undefined {
  const next = allArms.filter((other) => (other === arm) !== chosen.includes(other));
  return next.length === allArms.length ? undefined : next.join(",");
}
