/** What each saved checkpoint says in weight space: intruders by kind, and how many directions the update has. */
import { useMemo } from "react";
import type { GrowthPoint, TrainingHistory } from "../../../../src/contract/domain/training.ts";
import { formatCount, formatEffectiveRank, formatNumberOf } from "../../../../src/contract/format.ts";
import { IntruderGrowthChart, RankGrowthChart } from "../../../charts/growth-charts.tsx";
import { Chip } from "../../../widgets/chip.tsx";
import { Panel } from "../../../widgets/panel.tsx";
import { Term } from "../../../widgets/term.tsx";
import liveStyles from "../live.module.css";
import { ranksOf, stackOf, totalOf } from "../model/growth.ts";
import styles from "../training.module.css";
import { inTurn } from "./in-turn.tsx";

export function GrowthPanels({ history }: { history: TrainingHistory }) {
  return (
    <div className={`${styles.pair} ${liveStyles.growthRow}`}>
      <IntruderPanel history={history} />
      <RankPanel history={history} />
    </div>
  );
}

const IntruderPanel = inTurn(4, function Intruders({ history }) {
  const { growth } = history;
  const stack = useMemo(() => stackOf(growth), [growth]);
  const last = growth.at(-1);
  return (
    <Panel
      testId="intruder-growth"
      title={<Term name="intruder">Intruder growth</Term>}
      actions={<FirstIntruder growth={growth} />}
      className={liveStyles.growth}
    >
      {last ? (
        <IntruderGrowthChart
          name="intruder-growth"
          label={`Intruder dimensions by step, stacked by kind: ${formatCount(totalOf(last))} at step ${last.step}.`}
          kinds={stack.kinds}
          points={stack.points}
          {...axisOf(history)}
        />
      ) : (
        <Nothing history={history} />
      )}
    </Panel>
  );
});

const RankPanel = inTurn(5, function Ranks({ history }) {
  const { run, growth } = history;
  const ranks = useMemo(() => ranksOf(growth), [growth]);
  const last = ranks.at(-1);
  const limit = run.config.method === "full" || run.config.method === "dora" ? undefined : run.config.lora.rank;
  return (
    <Panel
      testId="rank-growth"
      title={<Term name="effective rank">Effective-rank growth</Term>}
      actions={<span className={styles.note}>median and range over modules</span>}
      className={liveStyles.growth}
    >
      {last ? (
        <RankGrowthChart
          name="rank-growth"
          label={`Effective rank of ΔW by step: median ${formatEffectiveRank(last.median)} at step ${last.step}.`}
          points={ranks}
          limit={limit}
          colour="var(--run-B)"
          {...axisOf(history)}
        />
      ) : (
        <Nothing history={history} />
      )}
    </Panel>
  );
});

function axisOf({ run }: TrainingHistory): { steps: number; now: number | undefined } {
  return { steps: run.steps ?? run.step, now: run.state === "running" ? run.step : undefined };
}

function Nothing({ history }: { history: TrainingHistory }) {
  return <p className={styles.note}>{nothingWords(history)}</p>;
}

function nothingWords({ run: { state, config }, checkpoints }: TrainingHistory): string {
  if (checkpoints.length > 0) return "The newest checkpoint is being measured.";
  const first = config.save.every === null ? "at the end" : `at step ${formatCount(config.save.every)}`;
  return state === "running" || state === "queued" || state === "stalled"
    ? `The first checkpoint is saved ${first}; it is measured right after.`
    : "No checkpoint was measured.";
}

function FirstIntruder({ growth }: { growth: readonly GrowthPoint[] }) {
  const first = growth.find((point) => totalOf(point) > 0);
  if (!first && growth.length === 0) return null;
  if (!first) return <span className={styles.note}>none in {formatNumberOf(growth.length, "checkpoint")}</span>;
  const kinds = Object.keys(first.intruders).filter((kind) => (first.intruders[kind] ?? 0) > 0);
  return (
    <Chip tone="intruder">
      first at step {formatCount(first.step)}
      {kinds.length === 1 && `, ${kinds[0]}`}
    </Chip>
  );
}
