/** Theory lab: LoRA and full fine-tuning in the linear model, at a setting of one's own and in the paper's figures. */
import type { FigureName } from "../../../src/contract/domain/theory.ts";
import { ChartShelf } from "../../charts/chart-shelf.tsx";
import { Kbd } from "../../widgets/kbd.tsx";
import { StatusSlot } from "../../widgets/status-slot.tsx";
import { Advisor } from "./parts/advisor.tsx";
import { NoisePanel, RankPanel, SamplesPanel } from "./parts/charts.tsx";
import { FeedPanel } from "./parts/feed-panel.tsx";
import { FigureChoice, FigureNotes, FigurePanel } from "./parts/figure-panel.tsx";
import { Notes } from "./parts/notes.tsx";
import { SettingPanel } from "./parts/setting-panel.tsx";
import { TheoryHead } from "./parts/theory-head.tsx";
import { TheoryStatus } from "./parts/theory-status.tsx";
import styles from "./theory.module.css";
import { useFigure } from "./use-figure.ts";
import { type TheoryModel, useTheory } from "./use-theory.ts";

/** As many data sets as the paper has. */
const figureReplicates = 100;

export function TheoryView() {
  const model = useTheory();
  const { show } = model.search;
  return (
    <ChartShelf>
      <div className={styles.view} data-testid="theory">
        {show === undefined ? (
          <Curves model={model} />
        ) : show === "notes" ? (
          <>
            <TheoryHead model={model} figure={undefined} />
            <Notes />
          </>
        ) : (
          <Figure model={model} name={show} />
        )}
      </div>
    </ChartShelf>
  );
}

function Curves({ model }: { model: TheoryModel }) {
  return (
    <>
      <TheoryHead model={model} figure={undefined} />
      <div className={styles.body}>
        <div className={styles.side}>
          <SettingPanel model={model} />
          <FeedPanel model={model} />
        </div>
        <div className={styles.charts} data-stale={model.stale || undefined}>
          <SamplesPanel model={model} />
          <RankPanel model={model} />
          <NoisePanel model={model} />
        </div>
        <Advisor model={model} />
      </div>
      <TheoryStatus model={model} />
    </>
  );
}

function Figure({ model, name }: { model: TheoryModel; name: FigureName }) {
  const figure = useFigure(name, figureReplicates);
  return (
    <>
      <TheoryHead model={model} figure={figure} />
      <div className={styles.body}>
        <FigureChoice model={model} name={name} />
        <FigurePanel name={name} figure={figure} />
        <FigureNotes name={name} document={figure.event?.document} />
      </div>
      <StatusSlot side="right">
        <span>hover a curve to read it</span>
        <span>
          <Kbd keys="D" /> data table
        </span>
      </StatusSlot>
    </>
  );
}
