/** The arms side by side, and in words what the controls say. */
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { AuditDocument, SweepPoint } from "../../../../src/contract/domain/audit.ts";
import type { AppRun } from "../../../../src/contract/domain/cells.ts";
import type { Finding } from "../../../../src/contract/domain/finding.ts";
import {
  formatAccuracy,
  formatCount,
  formatNumberOf,
  formatPoints,
  formatPointsInterval,
  formatShare,
  formatSignificant,
  formatThreshold,
  undefinedQuantity,
} from "../../../../src/contract/format.ts";
import { FindingSentence } from "../../../widgets/finding-sentence.tsx";
import { Placeholder } from "../../../widgets/placeholder.tsx";
import { Term } from "../../../widgets/term.tsx";
import type { ArmLine } from "../model/scaling.ts";
import type { Arms } from "../use-arms.ts";
import type { Scaling } from "../use-scaling.ts";
import styles from "./scale-panel.module.css";

interface ArmsTableProps {
  arms: Arms;
  scaling: Scaling;
}

export function ArmsTable({ arms, scaling }: ArmsTableProps) {
  if (arms.pending) return <Placeholder height={216} />;
  if (arms.lines.length === 0) {
    return <p className={styles.note}>The vectors of this module cannot be read, so no arm can be shown.</p>;
  }
  return (
    <table className={styles.arms} data-testid="arms">
      <caption className="visually-hidden">Arms at λ {formatThreshold(scaling.lambda)}</caption>
      <thead>
        <tr>
          <th scope="col">
            <Term name="control arm">Arm</Term>
          </th>
          <th scope="col" className={styles.right}>
            <Term name="relative change">Change</Term>
          </th>
          <th scope="col" className={styles.right}>
            <Term name="intruder">Intr.</Term>
          </th>
          <th scope="col" className={styles.right}>
            <Term name="retention">Old</Term>
          </th>
          <th scope="col" className={styles.right}>
            New
          </th>
        </tr>
      </thead>
      <tbody>
        {arms.lines.map((line) => (
          <ArmRow key={line.arm ?? "trained"} line={line} arms={arms} lambda={scaling.lambda} />
        ))}
      </tbody>
    </table>
  );
}

function ArmRow({ line, arms, lambda }: { line: ArmLine; arms: Arms; lambda: number }) {
  const { arm, name, meaning, weights, point } = line;
  return (
    <tr className={arm === "scale" ? styles.chosen : undefined} data-testid={`arm-${arm ?? "trained"}`}>
      <th scope="row" title={meaning}>
        {name}
      </th>
      <td className={styles.right} title={`‖W′ − W‖ ${formatSignificant(weights.step)}`}>
        {formatShare(weights.relative)}
      </td>
      <CountCell arms={arms} line={line} />
      <TaskCell arms={arms} line={line} lambda={lambda} figure={point?.retention} name="old tasks" />
      <TaskCell
        arms={arms}
        line={line}
        lambda={lambda}
        figure={point?.newTask ?? undefined}
        name="the new task"
        measured={point !== undefined}
      />
    </tr>
  );
}

/** Intruders left; where the closed form cannot tell, they are counted in the edited matrix. */
function CountCell({ arms, line: { name, weights } }: { arms: Arms; line: ArmLine }) {
  if (weights.intruders !== null) return <td className={styles.right}>{formatCount(weights.intruders)}</td>;
  if (!arms.count) return <td className={styles.right}>{arms.counting ? "…" : undefinedQuantity}</td>;
  return (
    <td className={styles.right}>
      <button
        type="button"
        className={styles.link}
        onClick={arms.count}
        aria-label={`Count intruders left: ${name}`}
        title="Count the intruders in the edited matrices of the whole run"
      >
        ?
      </button>
    </td>
  );
}

interface TaskCellProps {
  arms: Arms;
  line: ArmLine;
  lambda: number;
  figure: SweepPoint["retention"] | undefined;
  name: string;
  /** The arm is measured, but there is no such task. */
  measured?: boolean;
}

/** The figure, that it is on its way, or the word that measures it. */
function TaskCell({ arms, line, lambda, figure, name, measured = false }: TaskCellProps) {
  if (figure) {
    const interval = figure.ci95 ? `, 95 % interval ${formatPointsInterval(figure.ci95)}` : "";
    return (
      <td className={styles.right} title={`${formatAccuracy(figure.value)} on ${name}${interval}, pp from the base`}>
        {formatPoints(figure.difference, 1)}
      </td>
    );
  }
  if (measured) return <td className={styles.right}>{undefinedQuantity}</td>;
  if (arms.waiting(line.arm)) {
    return (
      <td className={styles.right}>
        <span className={styles.waiting} role="img" aria-label="waiting" />
      </td>
    );
  }
  const label = `Measure ${name}: ${line.name}${line.arm ? ` at λ ${formatThreshold(lambda)}` : ""}`;
  return (
    <td className={styles.right}>
      {arms.question ? (
        <button
          type="button"
          className={styles.link}
          aria-label={label}
          disabled={arms.busy}
          onClick={() => arms.measure([line.arm ?? "scale"])}
        >
          measure
        </button>
      ) : (
        <Link to="/forgetting" search={{ sheet: "evaluate" }} aria-label={label}>
          measure
        </Link>
      )}
    </td>
  );
}

/** What the controls say, also when they do as well; and to what the figures apply. */
export function ArmsNote({ arms, scaling, run }: ArmsTableProps & { run: AppRun }) {
  const finding = controlFinding(arms.document);
  const { choice, lambda } = scaling;
  const whole = choice === "ticked" ? "Task figures apply λ to the ticked vectors." : wholeRun(choice);
  return (
    <div className={styles.note} data-testid="arms-note">
      {lambda !== 1 && <ControlWords finding={finding} run={run} />}
      <p>
        {scopeWords(arms.modules, scaling)} Old, New: pp from the base. {whole}
      </p>
    </div>
  );
}

function ControlWords({ finding, run }: { finding: Finding | undefined; run: AppRun }) {
  const [open, setOpen] = useState(false);
  if (!finding) {
    return <p>No control arm is measured at this λ: nothing shows yet that an effect comes from the intruders.</p>;
  }
  return (
    <>
      <p className={open ? undefined : styles.cut} title={open ? undefined : finding.text}>
        <FindingSentence finding={finding} runs={[run]} />
      </p>
      <button type="button" className={styles.link} aria-expanded={open} onClick={() => setOpen(!open)}>
        {open ? "Less" : "More"}
      </button>
    </>
  );
}

/** Compare counts the whole run, the arms what they touch. */
function scopeWords(modules: number, { scope }: Scaling): string {
  if (modules === 0) return "";
  if (scope === "module") return "Change, Intr.: in this module.";
  return `Change, Intr.: over ${formatNumberOf(modules, "module")} with intruders, not over all of the run.`;
}

function wholeRun(choice: "all" | "strongest"): string {
  return choice === "all"
    ? "They apply λ to all intruders of every module of the run."
    : "They apply λ to the strongest intruder of every module of the run.";
}

function controlFinding(document: AuditDocument | undefined) {
  return document?.findings.find(({ id }) => /^(?:control|specific)-\d/.test(id));
}
