/** A run in one line: step, time left, loss, held-out accuracy, speed, memory, intruders. */
import type { ReactNode } from "react";
import { phaseWords, type TrainingHistory } from "../../../../src/contract/domain/training.ts";
import {
  formatAccuracy,
  formatBytes,
  formatCount,
  formatLoss,
  formatPercent,
  formatRemaining,
} from "../../../../src/contract/format.ts";
import { ProgressBar } from "../../../widgets/progress-bar.tsx";
import liveStyles from "../live.module.css";
import { accuraciesOf, totalOf } from "../model/growth.ts";
import { isUnderWay, waitingFor } from "../model/words.ts";
import styles from "../training.module.css";

export function RunStrip({ history }: { history: TrainingHistory }) {
  const { run, progress, growth, etaSeconds, peakMemory } = history;
  const last = progress.at(-1);
  const scored = accuraciesOf(history).at(-1);
  const measured = growth.at(-1);
  const steps = run.steps ?? run.config.max_steps ?? 0;
  const share = steps > 0 ? run.step / steps : 0;
  return (
    <section className={liveStyles.strip} aria-label="Now">
      <Fact name="Step">
        <span data-testid="step">{formatCount(run.step)}</span> {steps > 0 && <em>of {formatCount(steps)}</em>}
      </Fact>
      <div className={liveStyles.wide}>
        <ProgressBar label="Steps" done={run.step} total={Math.max(1, steps)} quiet={run.state !== "running"} />
        <span data-testid="phase">{stageWords(history, share)}</span>
      </div>
      {run.state === "running" && etaSeconds !== null && (
        <Fact name="Left">{formatRemaining(etaSeconds).replace(" left", "")}</Fact>
      )}
      <Fact name="Loss">{formatLoss(run.state === "finished" ? (run.finalLoss ?? last?.loss) : last?.loss)}</Fact>
      {scored && (
        <Fact name={`${shortTask(scored.task)} accuracy`}>
          {formatAccuracy(scored.accuracy)}{" "}
          <em title={`95 % interval over ${formatCount(scored.n)} items`}>
            ± {formatPercent(halfInterval(scored)).replace(" %", "")}
          </em>
        </Fact>
      )}
      {last?.tps != null && (
        <Fact name="Speed">
          {formatCount(Number(last.tps.toPrecision(2)))} <em>tokens/s</em>
        </Fact>
      )}
      {(peakMemory ?? last?.memory) != null && (
        <Fact name="Memory, peak">{formatBytes(peakMemory ?? last?.memory)}</Fact>
      )}
      {measured && (
        <Fact name="Intruders">
          <span className={totalOf(measured) > 0 ? styles.intruder : undefined}>{formatCount(totalOf(measured))}</span>{" "}
          <em>at step {measured.step}</em>
        </Fact>
      )}
    </section>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <span>{name}</span>
      <b>{children}</b>
    </div>
  );
}

/** "epoch 4 of 8 · 42 % · evaluating"; before the first step only what is done. */
function stageWords(history: TrainingHistory, share: number): string {
  const { run, phase, waitsFor } = history;
  if (run.state === "queued") return waitingFor(waitsFor);
  if (run.state === "running" && phase === null) return "starting Python";
  const doing = phase === null || phase === "train" ? "" : phaseWords(phase);
  if (isUnderWay(run) && run.step === 0 && doing !== "") return doing;
  return `${epochWords(history)}${Math.floor(share * 100)} %${doing && ` · ${doing}`}`;
}

function epochWords({ run: { config, step, steps } }: TrainingHistory): string {
  if (config.epochs === null || !steps) return "";
  const epoch = Math.min(Math.ceil(config.epochs), Math.floor((step / steps) * config.epochs) + 1);
  return `epoch ${epoch} of ${Math.ceil(config.epochs)} · `;
}

/** Half of the 95 % interval of an accuracy over n items, in points; Agresti and Coull's, which holds near 0 and 1. */
function halfInterval({ accuracy, n }: { accuracy: number; n: number }): number {
  const items = n + 1.96 ** 2;
  const centre = (accuracy * n + 1.96 ** 2 / 2) / items;
  return Math.round(1960 * Math.sqrt((centre * (1 - centre)) / items)) / 10;
}

function shortTask(task: string): string {
  return task.length > 18 ? `${task.slice(0, 17)}…` : task;
}
