/** What stands beside the recommended rank: other samples and noise, measurements, and what the advice leaves out. */
import { useComputedColorScheme } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";
import { RankMapChart } from "../../../charts/rank-map.tsx";
import { DecisionChecklist } from "../../../widgets/decision-checklist.tsx";
import { MeasuredOrderTable } from "../../../widgets/measured-order.tsx";
import { Panel } from "../../../widgets/panel.tsx";
import { Standing } from "../../../widgets/standing.tsx";
import styles from "../advice.module.css";
import { chartNames } from "../model/chart-names.ts";
import { type AdviceModel, useAdvice } from "../use-advice.ts";
import type { SpectraModel } from "../use-spectra.ts";

export function AdviceMore({ model }: { model: SpectraModel }) {
  const advice = useAdvice(model);
  const document = advice.advice;
  const letters = useMemo(
    () => new Map(model.family.map(({ analysis, letter }) => [analysis, letter])),
    [model.family],
  );
  if (!document) return null;
  return (
    <div className={styles.more}>
      <Panel
        title={
          <span className={styles.title}>
            Recommended rank elsewhere <Standing value="estimated" />
          </span>
        }
        testId="panel-rank-map"
        className={styles.mapPanel}
      >
        <Places model={model} advice={advice} />
      </Panel>
      <Panel title="Beside your measurements" testId="panel-measured">
        {document.measured ? (
          <MeasuredOrderTable order={document.measured} letters={letters} />
        ) : (
          <p className={styles.note}>
            No new task is scored for two ranks on this base yet.{" "}
            <Link to="/forgetting" search={{ sheet: "evaluate" }}>
              Measure
            </Link>
          </p>
        )}
      </Panel>
      <Panel title="What this advice does not know" testId="panel-validity">
        <ul className={styles.validity}>
          {document.validity.slice(2).map((sentence) => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ul>
        <DecisionChecklist />
      </Panel>
    </div>
  );
}

function Places({ model: { change }, advice }: { model: SpectraModel; advice: AdviceModel }) {
  const theme = useComputedColorScheme("light");
  const { n, rho, map } = advice;
  const at = useMemo(() => ({ n, rho }), [n, rho]);
  const open = useCallback((samples: number, level: number) => change({ n: samples, rho: level }), [change]);
  if (!map) return <p className={styles.note}>Appears when it is computed.</p>;
  return <RankMapChart name={chartNames.map} map={map} theme={theme} at={at} onOpen={open} />;
}
