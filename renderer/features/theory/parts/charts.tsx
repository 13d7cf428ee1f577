/** Risk against samples, rank and noise. */
import { useMemo } from "react";
import { formatCount, formatSignificant } from "../../../../src/contract/format.ts";
import { RiskChart, type RiskMean, type RiskSeries } from "../../../charts/risk-chart.tsx";
import { Panel } from "../../../widgets/panel.tsx";
import { crossingsOf } from "../model/crossings.ts";
import { type MeansByMethod, rankSeries, sweepSeries } from "../model/series.ts";
import { isInfinite, noiseRange, type Setting, sampleRange } from "../model/setting.ts";
import styles from "../theory.module.css";
import type { TheoryModel } from "../use-theory.ts";
import { Legend } from "./legend.tsx";

export const chartNames = { samples: "theory-samples", rank: "theory-rank", noise: "theory-noise" } as const;
const standing = "FFT exact · LoRA ≈ fast curve · simulated mean ± standard error";

/** Means at some places, method by method: the points before `from` belong to other charts. */
function meansAt({ simulation }: TheoryModel, places: readonly number[], from: number): MeansByMethod {
  const found = places.map((x, index) => ({ x, means: simulation.means[from + index] ?? null }));
  const methods = 1 + Math.max(0, ...found.map(({ means }) => means?.lora.length ?? 0));
  return Array.from({ length: methods }, (_, method) =>
    found.flatMap(({ x, means }): RiskMean[] => {
      const mean = means && (method === 0 ? means.fft : means.lora[method - 1]);
      return mean ? [{ x, mean: mean.mean, se: mean.se }] : [];
    }),
  );
}

/** Points of the simulation before those along n, and before those along σ. */
function offsets({ setting, places }: TheoryModel) {
  const own = isInfinite(setting) ? 0 : 1;
  return { samples: own, noise: own + places.simulated.samples.length };
}

export function SamplesPanel({ model }: { model: TheoryModel }) {
  const { setting, places, samples } = model;
  const { n, d, ranks } = setting;
  const means = useMemo(() => meansAt(model, places.simulated.samples, offsets(model).samples), [model, places]);
  const series = useMemo(
    () => (samples ? sweepSeries(places.samples, samples, ranks, means) : []),
    [places, samples, ranks, means],
  );
  const crossings = useMemo(
    () =>
      ranks.flatMap((rank, index) =>
        crossingsOf(rank, places.samples, samples?.lora[index] ?? [], samples?.fft ?? [], true).map(({ x, y }) => ({
          x,
          y,
          text: `r ${rank} = FFT at n ≈ ${formatCount(x)}`,
        })),
      ),
    [ranks, places, samples],
  );
  const axes = useMemo(
    () => ({
      x: { caption: "training examples n", log: true, domain: sampleRange(setting) },
      y: { caption: "expected excess risk", log: true, domain: riskRange(series, setting) },
    }),
    [setting, series],
  );
  return (
    <Panel title="Risk against sample size" testId="panel-samples" className={styles.chart} actions={<Legend />}>
      <RiskChart
        name={chartNames.samples}
        title="Risk against sample size"
        label={`Excess risk of full fine-tuning and LoRA against the number of examples; ${crossings.length === 0 ? "no crossover" : crossings.map(({ text }) => text).join(", ")}.`}
        {...axes}
        series={series}
        guides={[
          { x: d, text: "n = d" },
          { x: n, text: `your n ${formatCount(n)}`, accent: true },
        ]}
        crossings={crossings}
        shade={{ below: d, text: "fewer examples than dimensions" }}
        standing={standing}
        minHeight={300}
      />
    </Panel>
  );
}

export function RankPanel({ model }: { model: TheoryModel }) {
  const { setting, places, risk, rank, simulation } = model;
  const { noise, n, ranks } = setting;
  const own = simulation.means[0];
  const series = useMemo(() => {
    if (!risk) return [];
    const others = [noise / 2, noise * 2].map((level, index) => ({
      name: `σ ${formatSignificant(level, 2)}`,
      values: (rank?.lora ?? []).map((values) => values[index] ?? null),
    }));
    const lines = rankSeries(risk, places.ranks, others, `σ ${formatSignificant(noise, 2)}`);
    const means = own ? ranks.flatMap((r, index) => (own.lora[index] ? [{ x: r, ...pick(own.lora[index]) }] : [])) : [];
    return lines.map((line, index) => (index === 0 ? { ...line, means } : line));
  }, [risk, rank, places, noise, own, ranks]);
  if (!risk) return <NoRisk title="Risk against rank" id="rank" />;
  const { best, q, fft } = risk;
  return (
    <Panel title="Risk against rank" testId="panel-rank" className={styles.chart}>
      <RiskChart
        name={chartNames.rank}
        title="Risk against rank"
        label={`Excess risk against the rank at n ${formatCount(n)}: least at r ${best.r} with about ${formatSignificant(best.risk)}; full fine-tuning ${formatSignificant(fft?.risk)}.`}
        x={{ caption: "LoRA rank r", log: true, domain: [1, Math.max(q, 2)] }}
        y={{ caption: `excess risk at n ${formatCount(n)}`, log: true }}
        series={series}
        levels={fft ? [{ y: fft.risk, text: `FFT ${formatSignificant(fft.risk)}`, colour: "var(--run-A)" }] : []}
        spots={best.r > 0 ? [{ x: best.r, y: best.risk, text: `best r ${best.r}`, colour: "var(--accent)" }] : []}
        standing="≈ fast curve; simulated mean ± standard error"
        minHeight={230}
      />
    </Panel>
  );
}

function pick({ mean, se }: { mean: number; se: number }) {
  return { mean, se };
}

export function NoisePanel({ model }: { model: TheoryModel }) {
  const { setting, places, noise } = model;
  const { n, ranks } = setting;
  const means = useMemo(() => meansAt(model, places.simulated.noise, offsets(model).noise), [model, places]);
  const series = useMemo(
    () => (noise ? sweepSeries(places.noise, noise, ranks, means) : []),
    [places, noise, ranks, means],
  );
  const crossings = useMemo(
    () =>
      ranks.flatMap((rank, index) =>
        crossingsOf(rank, places.noise, noise?.lora[index] ?? [], noise?.fft ?? [], false).map(({ x, y }) => ({
          ...{ x, y },
          text: `r ${rank}: σ ≈ ${formatSignificant(x, 2)}`,
        })),
      ),
    [ranks, places, noise],
  );
  if (!noise) return <NoRisk title="Risk against noise" id="noise" />;
  return (
    <Panel title="Risk against noise" testId="panel-noise" className={styles.chart}>
      <RiskChart
        name={chartNames.noise}
        title="Risk against noise"
        label={`Excess risk against the noise at n ${formatCount(n)}; ${crossings.length === 0 ? "no crossover" : crossings.map(({ text }) => text).join(", ")}.`}
        x={{ caption: "noise σ", log: false, domain: noiseRange(setting) }}
        y={{ caption: `excess risk at n ${formatCount(n)}`, log: false }}
        series={series}
        guides={[{ x: setting.noise, text: "your σ", accent: true }]}
        crossings={crossings}
        standing={standing}
        minHeight={230}
      />
    </Panel>
  );
}

function NoRisk({ title, id }: { title: string; id: string }) {
  return (
    <Panel title={title} testId={`panel-${id}`} className={styles.chart}>
      <p className={styles.note}>Within one of n = d the expected risk is infinite; move n or d apart.</p>
    </Panel>
  );
}

/** The divergence at n = d leaves the axis; what lies below it fills the chart. */
function riskRange(series: readonly RiskSeries[], { k }: Setting): [number, number] | undefined {
  const values = series.flatMap(({ points }) => points.map(({ y }) => y)).filter((y) => Number.isFinite(y) && y > 0);
  if (values.length === 0) return undefined;
  const sorted = values.toSorted((one, other) => one - other);
  const usualTop = sorted[Math.floor(sorted.length * 0.97)] ?? k;
  // Not training costs k.
  return [Math.max((sorted[0] ?? 1) / 1.4, k * 1e-6), Math.max(k * 1.6, Math.min(usualTop * 1.3, k * 8))];
}
