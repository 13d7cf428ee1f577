/** Loss, learning rate and gradient norm over the steps. */
import { useMemo } from "react";
import type { TrainingHistory } from "../../../../src/contract/domain/training.ts";
import { formatLoss, formatSignificant } from "../../../../src/contract/format.ts";
import { StepChart, type StepChartProps, type StepLine } from "../../../charts/step-chart.tsx";
import { Panel } from "../../../widgets/panel.tsx";
import liveStyles from "../live.module.css";
import { heldOutLosses, smoothed } from "../model/growth.ts";
import { ratesAhead } from "../model/schedule.ts";
import { rateText } from "../model/words.ts";
import styles from "../training.module.css";
import { inTurn } from "./in-turn.tsx";

type Progress = TrainingHistory["progress"][number];

function series(progress: readonly Progress[], value: (entry: Progress) => number | null) {
  return progress.flatMap((entry) => {
    const y = value(entry);
    return y === null ? [] : [{ x: entry.step, y }];
  });
}

export function SeriesPanels({ history }: { history: TrainingHistory }) {
  return (
    <div className={`${styles.three} ${liveStyles.seriesRow}`}>
      <LossPanel history={history} />
      <RatePanel history={history} />
      <NormPanel history={history} />
    </div>
  );
}

const LossPanel = inTurn(1, function Loss({ history }) {
  const lines = useMemo(() => linesOfLoss(history), [history]);
  const last = history.progress.at(-1);
  if (!last) return <NoCurve title="Loss" state={history.run.state} />;
  return (
    <Panel title="Loss" actions={<LossKey heldOut={lines.length > 2} />} className={liveStyles.series}>
      <StepChart
        name="loss"
        title="Loss"
        label={`Loss by step, training and held out; ${formatLoss(last.loss)} at step ${last.step}.`}
        lines={lines}
        steps={stepsOf(history)}
        format={formatLoss}
      />
    </Panel>
  );
});

const RatePanel = inTurn(2, function Rate({ history }) {
  const steps = stepsOf(history);
  const lines = useMemo(() => linesOfRate(history, steps), [history, steps]);
  const last = history.progress.at(-1);
  if (!last) return <NoCurve title="Learning rate" state={history.run.state} />;
  const now = rateText(last.lr);
  return (
    <ValuePanel
      name="learning-rate"
      title="Learning rate"
      now={now}
      label={`Learning rate by step; ${now} at step ${last.step}.`}
      lines={lines}
      steps={steps}
      format={rateText}
      tick={rateTick}
    />
  );
});

const NormPanel = inTurn(3, function Norm({ history }) {
  const { progress, run } = history;
  const lines = useMemo(
    () =>
      oneLine(
        "gradient norm",
        series(progress, ({ grad_norm: value }) => value),
      ),
    [progress],
  );
  const { clip } = run.config;
  const reference = useMemo(() => (clip === null ? undefined : { value: clip, label: `clip at ${clip}` }), [clip]);
  const last = progress.at(-1);
  if (!last) return <NoCurve title="Gradient norm" state={run.state} />;
  const now = formatSignificant(last.grad_norm);
  return (
    <ValuePanel
      name="gradient-norm"
      title="Gradient norm"
      now={now}
      label={`Gradient norm before clipping, by step; ${now} at step ${last.step}.`}
      lines={lines}
      steps={stepsOf(history)}
      format={(value) => formatSignificant(value)}
      reference={reference}
    />
  );
});

/** A curve from zero, with its newest value in the head. */
function ValuePanel({ now, ...chart }: StepChartProps & { now: string }) {
  return (
    <Panel title={chart.title} actions={<b className={liveStyles.now}>{now}</b>} className={liveStyles.series}>
      <StepChart {...chart} fromZero />
    </Panel>
  );
}

function stepsOf({ run, progress }: TrainingHistory): number {
  return run.steps ?? progress.at(-1)?.step ?? 1;
}

/** The frame of a curve before there is one, so that nothing moves when it comes. */
function NoCurve({ title, state }: { title: string; state: TrainingHistory["run"]["state"] }) {
  return (
    <Panel title={title} className={liveStyles.series}>
      <p className={styles.note}>{waitingWords(state)}</p>
    </Panel>
  );
}

function waitingWords(state: TrainingHistory["run"]["state"]): string {
  const willBegin = state === "queued" || state === "running" || state === "stalled";
  return willBegin ? "The curve starts with the first step." : "No step was made.";
}

function linesOfLoss(history: TrainingHistory): StepLine[] {
  const raw = series(history.progress, (entry) => entry.loss);
  const held = heldOutLosses(history);
  const train = { colour: "var(--accent)", name: "training" };
  const lines: StepLine[] = [
    { ...train, id: "train", points: raw, width: 1, opacity: 0.45 },
    { ...train, id: "smooth", points: smoothed(raw), width: 1.8, quiet: true },
  ];
  const own = { colour: "var(--run-B)", dash: "4 3", name: "held out", id: "held", shape: "square" as const };
  return held.length === 0 ? lines : [...lines, { ...own, points: held }];
}

/** What was used so far, and dotted what the schedule has for the steps that are left. */
function linesOfRate({ run, progress }: TrainingHistory, steps: number): StepLine[] {
  const used = oneLine(
    "learning rate",
    series(progress, ({ lr }) => lr),
  );
  const ahead = ratesAhead(run.config, progress.at(-1)?.step ?? 0, steps);
  const planned = { id: "planned", name: "planned", colour: "var(--text-3)", dash: "1.5 3", width: 1.3, quiet: true };
  return ahead.length === 0 ? used : [...used, { ...planned, points: ahead }];
}

function rateTick(value: number): string {
  return value === 0 ? "0" : rateText(value);
}

function oneLine(name: string, points: readonly { x: number; y: number }[]): StepLine[] {
  return [{ id: name, name, colour: "var(--accent)", points, width: 1.4 }];
}

function LossKey({ heldOut }: { heldOut: boolean }) {
  return (
    <span className={liveStyles.lossKey}>
      <svg width={14} height={6} aria-hidden="true">
        <path d="M0 3h14" stroke="var(--accent)" strokeWidth={2} />
      </svg>
      train
      {heldOut && (
        <>
          <svg width={14} height={6} aria-hidden="true">
            <path d="M0 3h14" stroke="var(--run-B)" strokeWidth={1.6} strokeDasharray="4 3" />
          </svg>
          held out
        </>
      )}
    </span>
  );
}
