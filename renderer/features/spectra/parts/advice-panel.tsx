/** Recommended rank: always estimated, with its reasons, its limits, and what it assumes. */
import { Button, NativeSelect, NumberInput } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import type { ComponentProps } from "react";
import type { AppRun } from "../../../../src/contract/domain/cells.ts";
import type { AdviceDocument } from "../../../../src/contract/domain/theory.ts";
import { formatCount } from "../../../../src/contract/format.ts";
import { shortText } from "../../../../src/contract/text.ts";
import { CopyButton } from "../../../widgets/copy-button.tsx";
import { ErrorCard } from "../../../widgets/error-card.tsx";
import { toErrorDocument } from "../../../widgets/error-document.ts";
import { Panel } from "../../../widgets/panel.tsx";
import { Standing } from "../../../widgets/standing.tsx";
import styles from "../advice.module.css";
import {
  type AdviceReason,
  adviceReasons,
  confidenceSentence,
  rankPattern,
  ranksByKind,
  referenceCaution,
  verdictWords,
} from "../model/advice.ts";
import { type AdviceModel, useAdvice } from "../use-advice.ts";
import type { SpectraModel } from "../use-spectra.ts";

export function AdvicePanel({ model }: { model: SpectraModel }) {
  const advice = useAdvice(model);
  const { run, error } = advice;
  return (
    <Panel
      title={
        <span className={styles.title}>
          Recommended rank <Standing value="estimated" />
        </span>
      }
      className={styles.panel}
      testId="panel-advice"
    >
      {run && <Assumptions model={model} advice={advice} run={run} />}
      {error ? <ErrorCard tone="warn" error={toErrorDocument(error)} /> : null}
      {run && advice.advice ? (
        <Advised model={model} advice={advice} document={advice.advice} run={run} />
      ) : (
        !error && <p className={styles.note}>{run ? "Appears when the run is measured." : "No module is measured."}</p>
      )}
    </Panel>
  );
}

interface AssumptionsProps {
  model: SpectraModel;
  advice: AdviceModel;
  run: AppRun;
}

function Assumptions({ model: { spectra, change }, advice: { n, rho }, run }: AssumptionsProps) {
  const take = (name: "n" | "rho", least: number, most: number) => (value: string | number) => {
    const next = Number(value);
    if (value !== "" && next >= least && next <= most) change({ [name]: next });
  };
  return (
    <div className={styles.assumptions}>
      <NativeSelect
        size="xs"
        label="From ΔW of"
        value={run.id}
        onChange={({ currentTarget }) => change({ ref: currentTarget.value })}
        data={spectra.map(({ run: { id, letter, label } }) => ({
          value: id,
          label: `${letter} ${shortText(label, 20)}`,
        }))}
      />
      <NumberInput
        size="xs"
        label="Samples n"
        hideControls
        allowDecimal={false}
        value={n}
        min={2}
        max={10_000_000}
        onChange={take("n", 2, 10_000_000)}
      />
      <NumberInput
        size="xs"
        label="Noise ρ"
        hideControls
        value={rho}
        min={0.01}
        max={30}
        onChange={take("rho", 0.01, 30)}
      />
    </div>
  );
}

interface AdvisedProps extends AssumptionsProps {
  document: AdviceDocument;
}

function Advised({ model, advice, document, run }: AdvisedProps) {
  const { total, validity } = document;
  return (
    <div data-stale={advice.stale || undefined} className={styles.advised}>
      <p className={styles.answer} data-testid="recommended-rank">
        <b>≈ {total.rank_rec}</b>{" "}
        <span>
          useful range {total.useful[0]}–{total.useful[1]}; {verdictWords[total.verdict]}
        </span>
      </p>
      <ol className={styles.reasons}>
        {adviceReasons(model.spectra, document).map((reason) => (
          <li key={reason.id} data-testid={`advice-${reason.id}`}>
            <b>{reason.strong}</b>
            {reason.rest} <ReasonLink reason={reason} advice={advice} run={run} />
          </li>
        ))}
      </ol>
      <div className={styles.caution}>
        <IconAlertTriangle size={14} stroke={1.6} aria-hidden="true" />
        <div>
          <p>{validity[0]}</p>
          <p>{validity[1]}</p>
          <p>{referenceCaution(run, document)}</p>
        </div>
      </div>
      <p className={styles.note} data-testid="confidence">
        {confidenceSentence(document)}
      </p>
      <Patterns document={document} order={model.kinds} />
      <div className={styles.buttons}>
        <Button size="xs" renderRoot={(props) => <LabLink {...props} advice={advice} run={run} />}>
          Send to Theory lab
        </Button>
      </div>
    </div>
  );
}

function ReasonLink({ reason: { id, link }, advice, run }: { reason: AdviceReason; advice: AdviceModel; run: AppRun }) {
  if (id === "noise")
    return (
      <LabLink advice={advice} run={run}>
        {link}
      </LabLink>
    );
  if (id === "measured") return <Link to="/forgetting">{link}</Link>;
  return (
    <Link to="/compare" search={{ metric: "erank" }}>
      {link}
    </Link>
  );
}

interface LabLinkProps {
  advice: AdviceModel;
  run: AppRun;
}

/** In the lab the shift's energy is k, so σ is √ρ. */
function LabLink({ advice: { n, rho }, run, ...rest }: LabLinkProps & Partial<ComponentProps<"a">>) {
  const noise = Number(Math.sqrt(rho).toFixed(2));
  return <Link {...rest} to="/theory" search={{ feed: run.id, n: Math.min(n, 100_000), noise }} />;
}

function Patterns({ document, order }: { document: AdviceDocument; order: readonly string[] }) {
  const kinds = ranksByKind(document, order);
  return (
    <div className={styles.patterns}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">rank_pattern</th>
            {kinds.map(({ kind }) => (
              <th key={kind} scope="col" className={styles.number}>
                {shortText(kind.replace(/_proj$/, ""), 6)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <tr>
            <th scope="row">median</th>
            {kinds.map(({ kind, rank }) => (
              <td key={kind} className={styles.number}>
                {formatCount(rank)}
              </td>
            ))}
          </tr>
        </tbody>
      </table>
      <CopyButton label="Copy rank_pattern" text={() => rankPattern(document)} />
    </div>
  );
}
