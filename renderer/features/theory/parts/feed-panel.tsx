/** A measured spectrum in the place of r⋆ and decay. */
import { Button, NativeSelect, Switch } from "@mantine/core";
import { useMemo } from "react";
import { formatCount, formatSignificant } from "../../../../src/contract/format.ts";
import { shortText } from "../../../../src/contract/text.ts";
import { RiskChart } from "../../../charts/risk-chart.tsx";
import { ErrorCard } from "../../../widgets/error-card.tsx";
import { toErrorDocument } from "../../../widgets/error-document.ts";
import { Panel } from "../../../widgets/panel.tsx";
import { RunBadge } from "../../../widgets/run-badge.tsx";
import { limits } from "../model/limits.ts";
import styles from "../theory.module.css";
import type { TheoryModel } from "../use-theory.ts";

export function FeedPanel({ model }: { model: TheoryModel }) {
  const { runs, feed, change, search } = model;
  const on = search.feed !== undefined;
  const chosen = feed?.run?.id ?? runs[0]?.id;
  const module = search.feed?.split(":")[1] ?? "";
  return (
    <Panel title="Feed a measured spectrum" testId="panel-feed" className={styles.feed}>
      {runs.length === 0 ? (
        <p className={styles.note}>No run is measured yet. Compare a base with a tuned checkpoint first.</p>
      ) : (
        <>
          <div className={styles.feedRun}>
            {feed?.run && <RunBadge letter={feed.run.letter} />}
            <NativeSelect
              size="xs"
              aria-label="Run"
              className={styles.grow}
              value={chosen ?? ""}
              onChange={({ currentTarget }) => change({ feed: currentTarget.value })}
              data={runs.map(({ id, letter, label }) => ({ value: id, label: `${letter} ${shortText(label, 28)}` }))}
            />
          </div>
          {on && feed?.spectrum && (
            <NativeSelect
              size="xs"
              aria-label="Module"
              value={module}
              onChange={({ currentTarget: { value } }) =>
                change({ feed: value === "" ? chosen : `${chosen}:${value}` })
              }
              data={[
                { value: "", label: "middle module" },
                ...feed.spectrum.modules.map((name) => ({ value: name, label: shortText(name, 60) })),
              ]}
            />
          )}
          <Fed model={model} />
          <Switch
            label={on ? "on" : "off"}
            aria-label="Feed the measured spectrum"
            checked={on}
            onChange={() => change({ feed: on ? undefined : chosen })}
          />
        </>
      )}
    </Panel>
  );
}

function Fed({ model: { feed, setting, change, spectrum } }: { model: TheoryModel }) {
  const series = useMemo(
    () => [
      {
        ...{ id: "shift", name: "", estimated: false, colour: "var(--accent)", shape: "circle" as const },
        points: spectrum.map((value, index) => ({ x: index + 1, y: value })),
      },
    ],
    [spectrum],
  );
  // A flat spectrum gets a decade too.
  const domain = useMemo(() => {
    const [largest, least] = [spectrum[0] ?? 1, spectrum.at(-1) ?? 1];
    return [Math.min(least / 1.3, largest / 10), largest * 1.6] as const;
  }, [spectrum]);
  if (feed?.error) return <ErrorCard tone="warn" error={toErrorDocument(feed.error)} />;
  const measured = feed?.spectrum;
  const [k, d] = measured?.shape ?? [setting.k, setting.d];
  const fits = Math.max(k, d) <= limits.d.most && (k !== setting.k || d !== setting.d);
  return (
    <>
      <div className={styles.feedChart}>
        <RiskChart
          name="theory-shift"
          title="Singular values of the shift"
          label={`Singular values of the shift: ${formatCount(spectrum.length)} values, the largest ${formatSignificant(spectrum[0])}.`}
          x={{ caption: "index", log: true, domain: [1, Math.max(2, setting.k, setting.d)] }}
          y={{ caption: "σᵢ of the shift", log: true, domain }}
          series={series}
          standing={measured ? "measured ΔW, scaled" : "assumed"}
          minHeight={112}
        />
      </div>
      <p className={styles.note}>
        {measured
          ? `${shortText(measured.module, 60)}, ${formatCount(k)} × ${formatCount(d)}: ${formatCount(measured.values.length)} of ${formatCount(measured.measured)} values above the floor${measured.values.length > spectrum.length ? `, the first ${formatCount(spectrum.length)}` : ""}, scaled to k = ${formatCount(setting.k)}. Replaces r* and decay while on.`
          : "Scaled to k and d. Replaces r* and decay while on."}
      </p>
      {measured && fits && (
        <Button size="xs" onClick={() => change({ k, d })}>
          Take its shape {formatCount(k)} × {formatCount(d)}
        </Button>
      )}
    </>
  );
}
