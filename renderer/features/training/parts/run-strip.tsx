/** A run in one line: step, time left, loss, held-out accuracy, speed, memory, intruders. */
import type { ReactNode } from "react";
import type { TrainingHistory } from "../../../../src/contract/domain/training.ts";
import {
  formatAccuracy,
  formatBytes,
  formatCount,
  formatRemaining,
  formatSignificant,
} from "../../../../src/contract/format.ts";
import { ProgressBar } from "../../../widgets/progress-bar.tsx";
import liveStyles from "../live.module.css";
import { accuraciesOf, totalOf } from "../model/growth.ts";
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
        <span>
          {epochWords(history)}
          {Math.floor(share * 100)} %
        </span>
      </div>
      {run.state === "running" && etaSeconds !== null && (
        <Fact name="Left">{formatRemaining(etaSeconds).replace(" left", "")}</Fact>
      )}
      <Fact name="Loss">{loss(run.state === "finished" ? (run.finalLoss ?? last?.loss) : last?.loss)}</Fact>
      {scored && (
        <Fact name={`${shortTask(scored.task)} accuracy`}>
          {formatAccuracy(scored.accuracy)} <em>n {formatCount(scored.n)}</em>
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
          <span className={styles.intruder}>{formatCount(totalOf(measured))}</span> <em>at step {measured.step}</em>
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

/** Three decimals, or three digits where that would be zero. */
export function loss(value: number | null | undefined): string {
  if (value === null || value === undefined) return "–";
  return value < 0.01 ? formatSignificant(value) : value.toFixed(3);
}

function epochWords({ run: { config, step, steps } }: TrainingHistory): string {
  if (config.epochs === null || !steps) return "";
  const epoch = Math.min(Math.ceil(config.epochs), Math.floor((step / steps) * config.epochs) + 1);
  return `epoch ${epoch} of ${Math.ceil(config.epochs)} · `;
}

function shortTask(task: string): string {
  return task.length > 18 ? `${task.slice(0, 17)}…` : task;
}
