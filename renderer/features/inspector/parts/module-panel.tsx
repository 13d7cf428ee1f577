/** The module's own measures, and what pairing and alerts say of it. */
import { useQuery } from "@tanstack/react-query";
import type { Alert } from "../../../../src/contract/alerts.ts";
import type { ModuleMeasures } from "../../../../src/contract/domain/analysis.ts";
import type { AppRun } from "../../../../src/contract/domain/cells.ts";
import {
  formatEffectiveRank,
  formatNumberOf,
  formatShare,
  formatSignificant,
} from "../../../../src/contract/format.ts";
import { useEngine } from "../../../client/engine.ts";
import { runDetailsQuery } from "../../../client/queries.ts";
import { FileText } from "../../../widgets/file-text.tsx";
import type { GlossaryName } from "../../../widgets/glossary.ts";
import { Panel } from "../../../widgets/panel.tsx";
import { Term } from "../../../widgets/term.tsx";
import { alertsOf, roundingWords } from "../model/module-facts.ts";
import styles from "./side.module.css";

interface Measure {
  name: string;
  term?: GlossaryName;
  value: string;
}

function measuresOf({ delta, rounding, pressure }: ModuleMeasures): Measure[] {
  const ranks = delta?.effectiveRank;
  return [
    { name: "Relative change", term: "relative change", value: formatShare(delta?.relative) },
    { name: "‖ΔW‖", value: formatSignificant(delta?.frobenius) },
    { name: "σ₁ of ΔW", value: formatSignificant(delta?.spectral) },
    { name: "Effective rank", term: "effective rank", value: formatEffectiveRank(ranks?.entropy) },
    { name: "Stable rank", term: "stable rank", value: formatEffectiveRank(ranks?.stable) },
    { name: "Participation", term: "participation", value: formatEffectiveRank(ranks?.participation) },
    ...(pressure === null
      ? []
      : [{ name: "Pressure", term: "pressure" as const, value: formatSignificant(pressure, 2) }]),
    ...(rounding
      ? [{ name: "Unchanged", term: "unchanged" as const, value: formatShare(rounding.unchangedShare) }]
      : []),
  ];
}

export function ModulePanel({ run, module }: { run: AppRun; module: ModuleMeasures }) {
  const engine = useEngine();
  const details = useQuery(runDetailsQuery(engine, run.id)).data;
  const alerts = details ? alertsOf(details.alerts, module.name) : undefined;
  return (
    <Panel title={<FileText text={module.name} mono limit={44} />} testId="panel-module">
      <dl className={styles.measures}>
        {measuresOf(module).map(({ name, term, value }) => (
          <div key={name}>
            <dt>{term ? <Term name={term}>{name}</Term> : name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {module.rounding && <p className={styles.note}>{roundingWords(module.rounding)}</p>}
      {details && <RunNotes unpaired={details.pairing.unpaired.length} alerts={alerts?.elsewhere ?? 0} />}
      {alerts?.here.map((alert) => (
        <AlertLine key={`${alert.code} ${alert.message}`} alert={alert} />
      ))}
    </Panel>
  );
}

/** What the whole run has to say; nothing when all is well. */
function RunNotes({ unpaired, alerts }: { unpaired: number; alerts: number }) {
  const notes = [
    ...(unpaired === 0 ? [] : [`${formatNumberOf(unpaired, "tensor")} of this run found no partner.`]),
    ...(alerts === 0 ? [] : [`${formatNumberOf(alerts, "alert")} on other modules or the whole run.`]),
  ];
  return notes.length > 0 && <p className={styles.note}>{notes.join(" ")}</p>;
}

function AlertLine({ alert }: { alert: Alert }) {
  return (
    <p className={alert.severity === "info" ? styles.note : styles.warning} title={alert.tip}>
      <FileText text={alert.message} limit={240} />
    </p>
  );
}
