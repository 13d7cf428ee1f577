/** Spectra & rank: how many directions the runs use, layer by layer. */
import { Button } from "@mantine/core";
import { IconChartLine } from "@tabler/icons-react";
import { ChartShelf } from "../../charts/chart-shelf.tsx";
import { ErrorCard } from "../../widgets/error-card.tsx";
import { toErrorDocument } from "../../widgets/error-document.ts";
import { NothingYet } from "../../widgets/nothing-yet.tsx";
import { PageHead } from "../../widgets/page-head.tsx";
import { Placeholder } from "../../widgets/placeholder.tsx";
import { AdviceMore } from "./parts/advice-more.tsx";
import { AdvicePanel } from "./parts/advice-panel.tsx";
import { Fans } from "./parts/fans.tsx";
import { RanksPanel } from "./parts/ranks-panel.tsx";
import { SpectraHead } from "./parts/spectra-head.tsx";
import { SpectraStatus } from "./parts/spectra-status.tsx";
import { SpectraTools } from "./parts/spectra-tools.tsx";
import { TailPanel } from "./parts/tail-panel.tsx";
import styles from "./spectra.module.css";
import { type SpectraModel, useSpectra } from "./use-spectra.ts";

export function SpectraView() {
  const model = useSpectra();
  return (
    <ChartShelf>
      <div className={styles.view} data-testid="spectra">
        <Content model={model} />
      </div>
    </ChartShelf>
  );
}

function Content({ model }: { model: SpectraModel }) {
  if (model.error !== null) return <Failure model={model} />;
  if (model.pending) return <Skeleton />;
  if (model.spectra.length === 0) return <NoRuns />;
  return (
    <>
      <SpectraHead model={model} />
      <div className={styles.body} data-stale={model.stale || undefined}>
        <SpectraTools model={model} />
        <Fans model={model} />
        <div className={styles.lower}>
          <RanksPanel model={model} />
          <TailPanel model={model} />
          <AdvicePanel model={model} />
        </div>
        <AdviceMore model={model} />
      </div>
      <SpectraStatus model={model} />
    </>
  );
}

function Failure({ model }: { model: SpectraModel }) {
  return (
    <>
      <PageHead title="Spectra & rank" />
      <div className={styles.alone}>
        <ErrorCard error={toErrorDocument(model.error)} actions={<Button onClick={model.retry}>Try again</Button>} />
      </div>
    </>
  );
}

function NoRuns() {
  return (
    <NothingYet
      view="Spectra & rank"
      icon={<IconChartLine size={24} stroke={1.4} aria-hidden="true" />}
      title="No run is measured yet"
      sentence="Compare a base with a tuned checkpoint; the spectra of every measured module are shown here."
    />
  );
}

function Skeleton() {
  return (
    <>
      <PageHead title="Spectra & rank" />
      <div className={styles.body} aria-hidden="true">
        <Placeholder height={32} />
        <div className={styles.fans} data-count={3}>
          <Placeholder height={290} />
          <Placeholder height={290} />
          <Placeholder height={290} />
        </div>
        <div className={styles.lower}>
          <Placeholder height={400} />
          <Placeholder height={400} />
          <Placeholder height={400} />
        </div>
      </div>
    </>
  );
}
