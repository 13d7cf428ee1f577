/** Singular values of ΔW of the selected module, all runs in one plot. */
import { useCallback, useMemo } from "react";
import type { ModuleMeasures } from "../../../../src/contract/domain/analysis.ts";
import type { AppRun } from "../../../../src/contract/domain/cells.ts";
import { formatPower, formatSignificant, formatTick } from "../../../../src/contract/format.ts";
import {
  indexTicks,
  logDomain,
  type PlotAxis,
  spectrumIndices,
  xPosition,
  yPosition,
} from "../../../charts/axis-helpers.ts";
import { ChartFigure } from "../../../charts/chart-figure.tsx";
import type { ChartTable } from "../../../charts/chart-table.ts";
import { runMark } from "../../../charts/marks.tsx";
import { Plot } from "../../../charts/plot.tsx";
import { ticks } from "../../../charts/scale.ts";
import type { Tips } from "../../../charts/tips.ts";
import type { Size } from "../../../charts/use-size.ts";
import { useSameItems } from "../use-stable.ts";
import styles from "./dock-spectra.module.css";
import type { SelectedModule } from "./use-selected-modules.ts";

interface Series {
  letter: string;
  label: string;
  values: readonly number[];
}

const margins = { left: 40, right: 6, top: 18, bottom: 34 };
/** Values below this share of the largest lie in rounding. */
const smallestShare = 1e-5;

interface DockSpectraProps {
  runs: readonly AppRun[];
  modules: readonly SelectedModule[];
}

export function DockSpectra({ runs, modules }: DockSpectraProps) {
  const known = useSameItems(modules.map(({ measures }) => measures));
  const series = useMemo(() => runs.flatMap((run, index) => seriesOf(run, known[index]) ?? []), [runs, known]);
  if (series.length === 0) return <div className={styles.room} />;
  return (
    <div className={styles.room}>
      <SpectraChart series={series} />
    </div>
  );
}

function seriesOf({ letter, label }: AppRun, measures: ModuleMeasures | undefined): Series | undefined {
  const values = measures?.delta?.singularValues.filter((value) => value > 0) ?? [];
  return values.length === 0 ? undefined : { letter, label, values };
}

function SpectraChart({ series }: { series: readonly Series[] }) {
  const x = useMemo(() => indexAxis(series), [series]);
  const y = useMemo(() => sigmaAxis(series), [series]);
  const lines = useMemo(() => series.map(spectrumLine), [series]);
  const table = useMemo(() => spectraTable(series), [series]);
  const draw = useCallback(
    (size: Size) => <Plot box={{ ...size, ...margins }} x={x} y={y} lines={lines} />,
    [x, y, lines],
  );
  const tips = useCallback((size: Size) => spectraTips(size, x, y, series), [x, y, series]);
  const label = `Singular values of ΔW for ${series.map(({ letter }) => `run ${letter}`).join(", ")}`;
  return (
    <ChartFigure
      name="delta-spectra"
      title="Singular values of ΔW"
      label={label}
      table={table}
      tips={tips}
      minHeight={132}
    >
      {draw}
    </ChartFigure>
  );
}

function longest(series: readonly Series[]): number {
  return series.reduce((most, { values }) => Math.max(most, values.length), 2);
}

function indexAxis(series: readonly Series[]): PlotAxis {
  const last = longest(series);
  return {
    domain: { low: 1, high: last, log: true },
    ticks: indexTicks(last),
    format: formatTick,
    caption: "singular value index",
  };
}

function sigmaAxis(series: readonly Series[]): PlotAxis {
  const all = series.flatMap(({ values }) => values);
  const most = all.reduce((a, b) => Math.max(a, b), 0);
  const domain = logDomain(all.filter((value) => value > most * smallestShare)) ?? { low: 0.1, high: 1, log: true };
  return { domain, ticks: ticks(domain, 4), format: sigmaTick, caption: "σ of ΔW" };
}

/** Small values as powers: the axis has little room. */
function sigmaTick(value: number): string {
  return value < 0.01 ? formatPower(value) : formatTick(value);
}

function spectrumLine({ letter, values }: Series) {
  const { colour, dash } = runMark(letter);
  const points = spectrumIndices(values.length).map((index) => ({ x: index + 1, y: values[index] ?? 0 }));
  // A single value has no line; a short one makes it visible.
  const drawn = points.length === 1 ? [...points, { x: 1.12, y: points[0]?.y ?? 0 }] : points;
  return { id: letter, points: drawn, colour, dash, width: 1.7 };
}

function spectraTable(series: readonly Series[]): ChartTable {
  return {
    columns: ["index", ...series.map(({ label }) => label)],
    rows: Array.from({ length: longest(series) }, (_, index) => [
      index + 1,
      ...series.map(({ values }) => values[index] ?? null),
    ]),
  };
}

function spectraTips(size: Size, x: PlotAxis, y: PlotAxis, series: readonly Series[]): Tips {
  const box = { ...size, ...margins };
  const indices = spectrumIndices(longest(series));
  const places = indices.map((index) => xPosition(x, box, index + 1));
  const known = (at: number) =>
    series.flatMap(({ letter, label, values }) => {
      const value = values[indices[at] ?? 0];
      return value === undefined ? [] : [{ letter, label, value }];
    });
  return {
    count: indices.length,
    at: (at) => ({ x: places[at] ?? 0, y: yPosition(y, box, known(at)[0]?.value ?? y.domain.low) }),
    nearest: (px) =>
      places.reduce((best, place, at) => (Math.abs(place - px) < Math.abs((places[best] ?? 0) - px) ? at : best), 0),
    describe: (at) => ({
      title: `σ ${(indices[at] ?? 0) + 1}`,
      rows: known(at).map(({ letter, label, value }) => ({
        label: `${letter} ${label}`,
        value: formatSignificant(value),
      })),
      standing: "computed",
    }),
  };
}
