/** Compare: which layers changed in which run, how, and what is suspicious. */
import { Button } from "@mantine/core";
import { IconColumns } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { ChartShelf } from "../../charts/chart-shelf.tsx";
import { EmptyState } from "../../widgets/empty-state.tsx";
import { ErrorCard } from "../../widgets/error-card.tsx";
import { PageHead } from "../../widgets/page-head.tsx";
import type { CompareModel } from "./compare-model.ts";
import styles from "./compare-view.module.css";
import { CompareActions } from "./parts/compare-actions.tsx";
import { CompareStatus } from "./parts/compare-status.tsx";
import { Dock } from "./parts/dock.tsx";
import { FailedModules } from "./parts/failed-modules.tsx";
import { HeatmapView } from "./parts/heatmap-view.tsx";
import { LoadingView } from "./parts/loading-view.tsx";
import { Profile } from "./parts/profile.tsx";
import { RunChips } from "./parts/run-chips.tsx";
import { TableView } from "./parts/table-view.tsx";
import { HeatToolbar } from "./parts/toolbar.tsx";
import { VerdictStrip } from "./parts/verdict-strip.tsx";
import { useCompare } from "./use-compare.ts";
import { useKeyboardFollows } from "./use-keyboard-follows.ts";

/** From this width on tracks may stand side by side. */
const wideScreen = 1920;

export function CompareView() {
  const compare = useCompare();
  useKeyboardFollows(compare.search.as ?? "heat");
  return (
    <ChartShelf>
      <PageHead title="Compare" actions={compare.state === "ready" && <CompareActions compare={compare} />}>
        <RunChips compare={compare} />
      </PageHead>
      <CompareBody compare={compare} />
      <CompareStatus compare={compare} />
    </ChartShelf>
  );
}

function CompareBody({ compare }: { compare: CompareModel }) {
  if (compare.state === "failed" && compare.error) return <FailedView compare={compare} />;
  if (compare.state === "loading") return <LoadingView />;
  if (compare.state === "empty") return <NothingToCompare />;
  return compare.search.as === "table" ? <TableView compare={compare} /> : <HeatView compare={compare} />;
}

function HeatView({ compare }: { compare: CompareModel }) {
  const [width, setWidth] = useState(0);
  return (
    <div className={styles.view}>
      <div className={styles.left}>
        <VerdictStrip compare={compare} />
        <FailedModules compare={compare} />
        <HeatToolbar compare={compare} sideBySide={window.innerWidth >= wideScreen} />
        <HeatmapView compare={compare} onWidth={setWidth} />
        {width > 0 && <Profile compare={compare} width={width} />}
      </div>
      <Dock compare={compare} />
    </div>
  );
}

function FailedView({ compare }: { compare: CompareModel }) {
  if (!compare.error) return null;
  return (
    <div className={styles.alone}>
      <ErrorCard
        error={compare.error}
        title="The comparison could not be read"
        actions={
          <Button variant="filled" onClick={compare.retry}>
            Read it again
          </Button>
        }
      />
    </div>
  );
}

function NothingToCompare() {
  return (
    <EmptyState
      icon={<IconColumns size={24} stroke={1.4} aria-hidden="true" />}
      title="Nothing to compare yet"
      sentence="A comparison needs a base and at least one checkpoint or adapter tuned from it."
      action={
        <Button variant="filled" renderRoot={(props) => <Link to="/library" {...props} />}>
          Open the library
        </Button>
      }
    />
  );
}
