/** The answer, its numbers, its reasons, what was measured, and what limits it. */
import { Button } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useMemo } from "react";
import { formatSignificant } from "../../../../src/contract/format.ts";
import { DecisionChecklist } from "../../../widgets/decision-checklist.tsx";
import { ErrorCard } from "../../../widgets/error-card.tsx";
import { toErrorDocument } from "../../../widgets/error-document.ts";
import { MeasuredOrderTable } from "../../../widgets/measured-order.tsx";
import { Panel } from "../../../widgets/panel.tsx";
import { Standing } from "../../../widgets/standing.tsx";
import { answerOf, cautionsOf, type RiskRow, reasonsOf, riskRows, sampleError } from "../model/words.ts";
import styles from "../theory.module.css";
import type { TheoryModel } from "../use-theory.ts";

export function Advisor({ model }: { model: TheoryModel }) {
  const { setting, risk, advice, error, retry } = model;
  const infinite = sampleError(setting);
  return (
    <Panel
      title={
        <span className={styles.titleRow}>
          Advisor <Standing value="estimated" />
        </span>
      }
      testId="panel-advisor"
      className={styles.advisor}
    >
      {infinite && <p className={styles.answer}>{infinite}</p>}
      {error !== null && (
        <ErrorCard tone="warn" error={toErrorDocument(error)} actions={<Button onClick={retry}>Try again</Button>} />
      )}
      {risk && (
        <>
          <Answer model={model} />
          <RiskTable rows={riskRows(risk, setting)} />
          <ul className={styles.reasons}>
            {reasonsOf(setting, risk, advice).map(({ id, strong, rest }) => (
              <li key={id} data-testid={`reason-${id}`}>
                <b>{strong}</b>
                {rest}
              </li>
            ))}
          </ul>
        </>
      )}
      <Cautions model={model} />
      <Measured model={model} />
      <DecisionChecklist />
    </Panel>
  );
}

function Answer({ model: { setting, risk } }: { model: TheoryModel }) {
  if (!risk) return null;
  const { place, strong, rest } = answerOf(setting, risk);
  return (
    <p className={styles.answer} data-testid="advice">
      {place}
      <b>{strong}</b>
      {rest}
    </p>
  );
}

function RiskTable({ rows }: { rows: readonly RiskRow[] }) {
  return (
    <table className={styles.table}>
      <thead>
        <tr>
          <th scope="col">
            <span className="visually-hidden">Method</span>
          </th>
          <th scope="col" className={styles.number}>
            Bias
          </th>
          <th scope="col" className={styles.number}>
            Variance
          </th>
          <th scope="col" className={styles.number}>
            Risk
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ id, name, bias, variance, risk, best, estimated }) => (
          <tr key={id} data-best={best || undefined} data-testid={`risk-${id}`}>
            <th scope="row">{name}</th>
            <td className={styles.number}>{formatSignificant(bias)}</td>
            <td className={styles.number}>{formatSignificant(variance)}</td>
            <td className={styles.number}>
              {estimated ? "≈ " : ""}
              {formatSignificant(risk)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Cautions({ model: { setting, feed } }: { model: TheoryModel }) {
  const fed = feed?.run && { label: feed.run.label, adapter: feed.run.kind === "adapter" };
  const [first, ...others] = cautionsOf(setting, fed);
  return (
    <div className={styles.caution} data-testid="cautions">
      <IconAlertTriangle size={14} stroke={1.6} aria-hidden="true" />
      <div>
        <p>{first}</p>
        {others.map((sentence) => (
          <p key={sentence}>{sentence}</p>
        ))}
      </div>
    </div>
  );
}

function Measured({ model: { measured, runs } }: { model: TheoryModel }) {
  const letters = useMemo(() => new Map(runs.map(({ analysis, letter }) => [analysis, letter])), [runs]);
  return (
    <div className={styles.measured}>
      <h3>Beside your measurements</h3>
      {measured ? (
        <MeasuredOrderTable order={measured} letters={letters} />
      ) : (
        <p className={styles.note}>
          No new task is scored for two ranks on one base yet.{" "}
          <Link to="/forgetting" search={{ sheet: "evaluate" }}>
            Measure
          </Link>
        </p>
      )}
    </div>
  );
}
