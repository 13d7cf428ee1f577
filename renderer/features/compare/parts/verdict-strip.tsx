/** Up to four findings over what is in sight; each link shows the rows behind its sentence. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type CSSProperties, useEffect, useMemo, useRef, useState } from "react";
import type { AppRun } from "../../../../src/contract/domain/cells.ts";
import type { Finding } from "../../../../src/contract/domain/finding.ts";
import { formatCount, formatThreshold } from "../../../../src/contract/format.ts";
import { oldTasksQuery } from "../../../client/audit-queries.ts";
import { useEngine } from "../../../client/engine.ts";
import { findingsQuery } from "../../../client/queries.ts";
import { announce } from "../../../widgets/announce.ts";
import { FindingSentence } from "../../../widgets/finding-sentence.tsx";
import { Placeholder } from "../../../widgets/placeholder.tsx";
import type { CompareModel } from "../compare-model.ts";
import { type EvidenceLink, evidenceLink, findingsQuestion, verdict } from "../model/findings.ts";
import { isUnfinished } from "../model/runs.ts";
import { memoPart } from "../parts-memo.ts";
import styles from "./verdict-strip.module.css";

const read = ["runs", "search", "settings", "chosenKinds", "grid", "tracks", "rows", "brush", "update"] as const;
type VerdictModel = Pick<CompareModel, (typeof read)[number]>;

export const VerdictStrip = memoPart(VerdictStripPart, read);

function VerdictStripPart({ compare }: { compare: VerdictModel }) {
  const { findings, pending, stale } = useFindings(compare);
  const [open, setOpen] = useState(false);
  const shown = useMemo(() => verdict(findings), [findings]);
  const hint = useHint(compare);
  useAnnounced(shown[0]);
  if (pending) return <WaitingStrip />;
  if (shown.length === 0) return null;
  return (
    <section
      className={styles.strip}
      data-stale={stale || undefined}
      style={{ gridTemplateColumns: columnsFor(shown), "--lines": compare.runs.length > 4 ? 4 : 3 } as CSSProperties}
      aria-label="Verdict"
      title={hint}
    >
      {shown.map((finding, index) => (
        <VerdictCard
          key={finding.id}
          finding={finding}
          compare={compare}
          first={index === 0}
          open={open}
          onToggle={() => setOpen(!open)}
        />
      ))}
    </section>
  );
}

/** Longer sentences get more room, within reason. */
function columnsFor(findings: readonly Finding[]): string {
  const mean = findings.reduce((sum, { text }) => sum + text.length, 0) / findings.length;
  return findings
    .map(({ text }) => `minmax(0, ${Math.min(1.7, Math.max(0.8, text.length / mean)).toFixed(2)}fr)`)
    .join(" ");
}

const none: readonly Finding[] = [];

function useFindings(compare: VerdictModel) {
  const engine = useEngine();
  const { runs } = compare;
  const question = findingsQuestion(compare);
  const answer = useQuery({ ...findingsQuery(engine, question), placeholderData: keepPreviousData });
  const measured = useQuery(oldTasksQuery(engine, question.runs)).data ?? none;
  const findings = useMemo(() => [...(answer.data ?? []), ...measured], [answer.data, measured]);
  return { findings, pending: answer.isPending && runs.length > 0, stale: answer.isPlaceholderData };
}

function useHint({ settings, tracks }: VerdictModel): string {
  const modules = tracks.reduce((sum, { rows }) => sum + rows.length, 0);
  return [
    `k ${settings.k}, ε ${formatThreshold(settings.epsilon)}, ${settings.side} vectors`,
    `${formatCount(modules)} modules of ${formatCount(tracks.length)} runs`,
  ].join(" · ");
}

/** A new verdict is told to screen readers, once. */
function useAnnounced(finding: Finding | undefined): void {
  const text = finding?.text;
  useEffect(() => {
    if (text) announce(text);
  }, [text]);
}

interface VerdictCardProps {
  finding: Finding;
  compare: VerdictModel;
  first: boolean;
  open: boolean;
  onToggle: () => void;
}

function VerdictCard({ finding, compare, first, open, onToggle }: VerdictCardProps) {
  const { runs, rows, grid, brush, search } = compare;
  const link = evidenceLink(finding, { runs, rows, layers: grid.layers.length, brush, search });
  const [text, cut] = useCut(open);
  const unfinished = first ? runs.filter(isUnfinished) : [];
  return (
    <div className={styles.card} data-testid={`finding-${finding.id}`}>
      <p ref={text} className={open ? styles.whole : styles.sentence}>
        {unfinished.length > 0 && (
          <span className={styles.note} title={whatIsMissing(unfinished)}>
            {soFar(unfinished)}
          </span>
        )}
        <FindingSentence finding={finding} runs={runs} />
      </p>
      <div className={styles.links}>
        {link && <Evidence link={link} compare={compare} />}
        {(cut || open) && (
          <button type="button" className={styles.more} onClick={onToggle} aria-expanded={open}>
            {open ? "Less" : "More"}
          </button>
        )}
      </div>
    </div>
  );
}

/** Before the sentence, where nothing cuts it off. */
function soFar(runs: readonly AppRun[]): string {
  const done = runs.reduce((sum, { modules }) => sum + modules, 0);
  const total = runs.reduce((sum, run) => sum + run.total, 0);
  return `So far, ${formatCount(done)} of ${formatCount(total)}: `;
}

function whatIsMissing(runs: readonly AppRun[]): string {
  const parts = runs.map(
    ({ letter, modules, total }) => `${letter} ${formatCount(modules)} of ${formatCount(total)} modules`,
  );
  return `Computed so far: ${parts.join(", ")}`;
}

function Evidence({ link, compare }: { link: EvidenceLink; compare: VerdictModel }) {
  const navigate = useNavigate();
  const { patch, to } = link;
  if (patch === undefined) return <span className={styles.here}>{link.label}</span>;
  const follow = () => {
    if (to) void navigate({ to, search: { runs: compare.runs.map(({ id }) => id).join(",") } });
    else compare.update(patch);
  };
  return (
    <button type="button" className={styles.link} onClick={follow}>
      {link.label}
    </button>
  );
}

/** Whether the sentence has more lines than it shows. */
function useCut(open: boolean) {
  const text = useRef<HTMLParagraphElement>(null);
  const [cut, setCut] = useState(false);
  useEffect(() => {
    const element = text.current;
    if (!element || open) return undefined;
    const observer = new ResizeObserver(() => setCut(element.scrollHeight > element.clientHeight + 1));
    observer.observe(element);
    return () => observer.disconnect();
  }, [open]);
  return [text, cut] as const;
}

function WaitingStrip() {
  return (
    <section className={styles.strip} aria-label="Verdict" aria-busy="true">
      {[0, 1, 2, 3].map((index) => (
        <div key={index} className={styles.card}>
          <Placeholder height={54} />
          <Placeholder height={16} width={90} />
        </div>
      ))}
    </section>
  );
}
