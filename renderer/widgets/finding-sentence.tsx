/** A Finding's parts as a sentence: runs as badges, numbers bold with their standing. */
import { Fragment } from "react";
import type { AppRun } from "../../src/contract/domain/cells.ts";
import type { Finding, FindingPart } from "../../src/contract/domain/finding.ts";
import { findingPartText } from "../../src/contract/finding-text.ts";
import { FileText } from "./file-text.tsx";
import styles from "./finding-sentence.module.css";
import { RunBadge } from "./run-badge.tsx";

export interface FindingSentenceProps {
  finding: Finding;
  runs: readonly AppRun[];
}

export function FindingSentence({ finding, runs }: FindingSentenceProps) {
  return (
    <span className={styles.sentence}>
      {finding.parts.map((part, index) => (
        // Parts have no identity of their own and are never reordered.
        <Fragment key={index}>{partOf(part, runs)}</Fragment>
      ))}
    </span>
  );
}

function partOf(part: FindingPart, runs: readonly AppRun[]) {
  if ("run" in part) return <FindingRun label={part.run} runs={runs} />;
  if ("text" in part) return <FileText text={part.text} limit={longestText} />;
  const intruder = part.unit.includes("intruder") && part.value > 0;
  return (
    <b className={intruder ? styles.intruder : styles.number} title={part.standing}>
      {findingPartText(part)}
    </b>
  );
}

/** Sentences are the program's own; only names in them come from files. */
const longestText = 300;

function FindingRun({ label, runs }: { label: string; runs: readonly AppRun[] }) {
  const run = runs.find((candidate) => candidate.label === label);
  return (
    <span className={styles.run}>
      {run && <RunBadge letter={run.letter} />} <FileText text={label} limit={40} />
    </span>
  );
}
