/** A chain of fine-tunes: what each stage added and what it forgot. */
import type { AuditDocument, StageRow } from "../../../../src/contract/domain/audit.ts";
import { formatAccuracy, formatCount, formatPoints, formatShare } from "../../../../src/contract/format.ts";
import { FileText } from "../../../widgets/file-text.tsx";
import { Term } from "../../../widgets/term.tsx";
import styles from "../forgetting.module.css";
import table from "../small-table.module.css";

export function StagesBody({ document: { stages } }: { document: AuditDocument }) {
  const tasks = [...new Set(stages.flatMap(({ accuracy }) => Object.keys(accuracy)))];
  return (
    <div className={styles.scroll}>
      <table className={table.plain}>
        <caption className="visually-hidden">Stages of the chain: intruders, size, accuracy and forgetting</caption>
        <thead>
          <tr>
            <th scope="col">Stage</th>
            <th scope="col" className={table.number}>
              <Term name="intruder">Intruders</Term>
            </th>
            <th scope="col" className={table.number}>
              <Term name="relative change">Change</Term>
            </th>
            {tasks.map((task) => (
              <th key={task} scope="col" className={table.number}>
                <FileText text={task} limit={14} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {stages.map((stage) => (
            <tr key={stage.stage} data-testid={`stage-${stage.stage}`}>
              <th scope="row">
                {formatCount(stage.stage)} <FileText text={stage.label} limit={18} />
              </th>
              <td className={table.number} title="against the first base, and against the stage before">
                {formatCount(stage.intrudersAgainstBase)} · {formatCount(stage.intrudersAgainstPrevious)}
              </td>
              <td className={table.number}>{formatShare(stage.relativeDelta)}</td>
              {tasks.map((task) => (
                <StageTask key={task} stage={stage} task={task} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <p className={styles.note}>
        Intruders: against the first base · against the stage before. Below each accuracy: points lost since the best
        earlier stage.
      </p>
    </div>
  );
}

function StageTask({ stage, task }: { stage: StageRow; task: string }) {
  const lost = stage.forgetting[task];
  return (
    <td className={table.number}>
      {formatAccuracy(stage.accuracy[task])}
      {lost !== undefined && <span className={styles.small}>{formatPoints(-lost)} pp</span>}
    </td>
  );
}
