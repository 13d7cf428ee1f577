/** Forgetting: what a fine-tune lost of what the base could do, and what scaling its intruders does about it. */
import { Button } from "@mantine/core";
import { IconShieldCheck } from "@tabler/icons-react";
import { useRef } from "react";
import type { AuditDocument, AuditSpec } from "../../../src/contract/domain/audit.ts";
import { ChartShelf } from "../../charts/chart-shelf.tsx";
import { EmptyState } from "../../widgets/empty-state.tsx";
import { ErrorCard } from "../../widgets/error-card.tsx";
import { toErrorDocument } from "../../widgets/error-document.ts";
import { NothingYet } from "../../widgets/nothing-yet.tsx";
import { PageHead } from "../../widgets/page-head.tsx";
import { Placeholder } from "../../widgets/placeholder.tsx";
import styles from "./forgetting.module.css";
import { EvaluateSheet } from "./parts/evaluate-sheet.tsx";
import { ExportSheet } from "./parts/export-sheet.tsx";
import { Failures } from "./parts/failures.tsx";
import { FindingsStrip } from "./parts/findings-strip.tsx";
import { FlipsPanel } from "./parts/flips-panel.tsx";
import { ForgettingHead } from "./parts/forgetting-head.tsx";
import { ForgettingStatus } from "./parts/forgetting-status.tsx";
import { ItemPanel } from "./parts/item-panel.tsx";
import { SidePanel } from "./parts/side-panel.tsx";
import { TaskTable } from "./parts/task-table.tsx";
import { useFlips } from "./use-flips.ts";
import { type ForgettingModel, useForgetting } from "./use-forgetting.ts";
import { useForgettingKeys } from "./use-forgetting-keys.ts";

export function ForgettingView() {
  const model = useForgetting();
  return (
    <ChartShelf>
      <div className={styles.view} data-testid="forgetting">
        <Content model={model} />
        <EvaluateSheet model={model} />
        <ExportSheet model={model} />
      </div>
    </ChartShelf>
  );
}

function Content({ model }: { model: ForgettingModel }) {
  const { state, document, spec } = model;
  if (state === "failed") return <Failed model={model} />;
  if (state === "loading") return <Skeleton />;
  if (state === "no-runs") return <NoRuns />;
  if (!document || !spec) return <Unmeasured model={model} />;
  return <Measured model={model} document={document} spec={spec} />;
}

interface MeasuredProps {
  model: ForgettingModel;
  document: AuditDocument;
  spec: AuditSpec;
}

function Measured({ model, document, spec }: MeasuredProps) {
  const list = useFlips(model);
  const item = useRef<HTMLElement>(null);
  const focusItem = () => {
    // Enter keeps its meaning on whatever has the focus.
    if (window.document.activeElement !== window.document.body) return false;
    item.current?.focus();
    return true;
  };
  useForgettingKeys({ step: list.step, turn: list.turn, focusItem }, () => model.change({ sheet: "evaluate" }));
  return (
    <>
      <ForgettingHead model={model} />
      <div className={styles.body} data-stale={model.stale || undefined}>
        <Failures model={model} />
        <FindingsStrip document={document} shown={model.shown} swept={model.swept} />
        <div className={styles.upper}>
          <TaskTable model={model} document={document} spec={spec} />
          <SidePanel model={model} document={document} />
        </div>
        <div className={styles.lower}>
          <FlipsPanel model={model} list={list} />
          <ItemPanel
            spec={spec}
            flip={list.open}
            pair={list.pair}
            shown={model.shown}
            lambda={model.lambda}
            focus={item}
          />
        </div>
      </div>
      <ForgettingStatus model={model} />
    </>
  );
}

function Failed({ model }: { model: ForgettingModel }) {
  return (
    <>
      <PageHead title="Forgetting" />
      <div className={styles.alone}>
        <ErrorCard
          error={toErrorDocument(model.error)}
          actions={
            <>
              <Button onClick={model.retry}>Try again</Button>
              {model.question && <Button onClick={() => model.change({ sheet: "evaluate" })}>Change the tasks</Button>}
            </>
          }
        />
      </div>
    </>
  );
}

function NoRuns() {
  return (
    <NothingYet
      view="Forgetting"
      icon={<IconShieldCheck size={24} stroke={1.4} aria-hidden="true" />}
      title="Nothing to measure yet"
      sentence="Compare a base with a tuned checkpoint; its tasks are measured here."
    />
  );
}

function Unmeasured({ model }: { model: ForgettingModel }) {
  return (
    <>
      <ForgettingHead model={model} />
      <EmptyState
        icon={<IconShieldCheck size={24} stroke={1.4} aria-hidden="true" />}
        title="Not measured"
        sentence="Score the base and its runs on what the base could do before and on the new task; this view shows what was lost, and whether it is more than chance."
        action={
          <Button variant="filled" onClick={() => model.change({ sheet: "evaluate" })}>
            Measure
          </Button>
        }
      />
      <ForgettingStatus model={model} />
    </>
  );
}

function Skeleton() {
  return (
    <>
      <PageHead title="Forgetting" />
      <div className={styles.body} aria-hidden="true">
        <Placeholder height={54} />
        <div className={styles.upper}>
          <Placeholder height={420} />
          <Placeholder height={420} />
        </div>
        <div className={styles.lower}>
          <Placeholder height={220} />
          <Placeholder height={220} />
        </div>
      </div>
    </>
  );
}
