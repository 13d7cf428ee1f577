/** A figure of the paper: bands, simulated means, closed forms, crossovers with their errors. */
import { useMemo } from "react";
import type { FigureDocument, FigureName } from "../../../../src/contract/domain/theory.ts";
import { formatCount, formatNumberOf, formatSignificant } from "../../../../src/contract/format.ts";
import { RiskChart } from "../../../charts/risk-chart.tsx";
import { Chip } from "../../../widgets/chip.tsx";
import { ErrorCard } from "../../../widgets/error-card.tsx";
import { toErrorDocument } from "../../../widgets/error-document.ts";
import { Panel } from "../../../widgets/panel.tsx";
import { ProgressBar } from "../../../widgets/progress-bar.tsx";
import { figureCrossings, figureFacts, figureLabels, figureNames } from "../model/figures.ts";
import { figureSeries } from "../model/series.ts";
import styles from "../theory.module.css";
import type { FigureModel } from "../use-figure.ts";
import type { TheoryModel } from "../use-theory.ts";

export const figureChart = "theory-figure";

export function FigureChoice({ model, name }: { model: TheoryModel; name: FigureName }) {
  return (
    <Panel title="The paper’s figures" testId="panel-figures" className={styles.figures}>
      <ul className={styles.figureList}>
        {figureNames.map((figure) => (
          <li key={figure}>
            <button
              type="button"
              className={styles.figureButton}
              aria-current={figure === name}
              onClick={() => model.change({ show: figure })}
            >
              <b>{figureLabels[figure].title}</b>
              <span>{figureLabels[figure].about}</span>
            </button>
          </li>
        ))}
      </ul>
      <p className={styles.note}>
        Zindari, Mulayoff and Stich, LoRA vs. Full Fine-Tuning: A Theoretical Perspective, 2026; the power law is ours.
      </p>
    </Panel>
  );
}

export function FigurePanel({ name, figure }: { name: FigureName; figure: FigureModel }) {
  const { event, running, error } = figure;
  const document = event?.document;
  return (
    <Panel
      title={document?.title ?? figureLabels[name].title}
      testId="panel-figure"
      className={styles.chart}
      actions={
        <span className={styles.legend}>
          {running && event && (
            <ProgressBar done={event.done} total={event.total} label="Simulated data sets" width={92} />
          )}
          <span data-testid="figure-progress" data-done={event?.done ?? 0}>
            {formatCount(event?.done ?? 0)} of {formatNumberOf(event?.total ?? 0, "data set")}
          </span>
        </span>
      }
    >
      {error !== null && <ErrorCard error={toErrorDocument(error)} />}
      {document && <Drawn document={document} />}
    </Panel>
  );
}

function Drawn({ document }: { document: FigureDocument }) {
  const { x, y, title } = document;
  const series = useMemo(() => figureSeries(document), [document]);
  const crossings = useMemo(() => figureCrossings(document), [document]);
  const axes = useMemo(
    () => ({
      x: { caption: x.label, log: x.scale === "log", domain: [Math.min(...x.values), Math.max(...x.values)] as const },
      y: { caption: y.label, log: true, domain: y.range },
    }),
    [x, y],
  );
  return (
    <RiskChart
      name={figureChart}
      title={title}
      label={`${title}. ${crossings.length === 0 ? "No crossover with full fine-tuning." : `Crossovers: ${crossings.map(({ text }) => text).join(", ")}.`}`}
      {...axes}
      series={series}
      guides={x.label === "d / n" ? [{ x: 1, text: "n = d" }] : []}
      crossings={crossings}
      standing="lines: FFT exact, LoRA ≈ · marks: simulated mean ± 2 se · bands: ± 1 sd of one data set"
      minHeight={420}
    />
  );
}

export function FigureNotes({ name, document }: { name: FigureName; document: FigureDocument | undefined }) {
  return (
    <Panel title="What it shows" testId="panel-figure-notes" className={styles.advisor}>
      <p className={styles.answer}>{figureLabels[name].says}</p>
      <ul className={styles.reasons}>
        {figureFacts[name].map((fact) => (
          <li key={fact}>{fact}</li>
        ))}
      </ul>
      {document && document.chosen.length > 0 && (
        <p className={styles.chosen} data-testid="chosen">
          <Chip tone="warn">† parameter chosen by us</Chip>{" "}
          {document.chosen.map((parameter) => (parameter === "sigma" ? "σ" : parameter)).join(", ")}: the paper does not
          state it.
        </p>
      )}
      <Crossovers document={document} />
      <p className={styles.note}>
        Lines are closed forms (FFT exact, LoRA ≈), marks simulated means ± 2 standard errors, bands ± 1 standard
        deviation of one data set.
      </p>
    </Panel>
  );
}

function Crossovers({ document }: { document: FigureDocument | undefined }) {
  if (!document || document.replicates === 0) return null;
  if (document.crossovers.length === 0) return <p className={styles.note}>No crossover with full fine-tuning.</p>;
  return (
    <table className={styles.table} data-testid="figure-crossovers">
      <thead>
        <tr>
          <th scope="col">Meets FFT</th>
          <th scope="col" className={styles.number}>
            {document.x.label}
          </th>
        </tr>
      </thead>
      <tbody>
        {document.crossovers.map(({ r, x, se }) => (
          <tr key={`${r} ${x}`}>
            <th scope="row">r {r}</th>
            <td className={styles.number}>
              {formatSignificant(x)}
              {se === null ? "" : ` ± ${formatSignificant(se, 1)}`}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
