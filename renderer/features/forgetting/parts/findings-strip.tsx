/** What the audit found in sentences; the control arm on a warning ground when it does as well or was not run. */
import { IconAlertTriangle } from "@tabler/icons-react";
import { useEffect, useMemo, useState } from "react";
import type { AuditDocument } from "../../../../src/contract/domain/audit.ts";
import type { AppRun } from "../../../../src/contract/domain/cells.ts";
import { formatNumberOf } from "../../../../src/contract/format.ts";
import { announce } from "../../../widgets/announce.ts";
import { FindingSentence } from "../../../widgets/finding-sentence.tsx";
import styles from "../forgetting.module.css";
import { type StripCard, stripCards } from "../model/findings.ts";
import type { Subject } from "../model/question.ts";

interface FindingsStripProps {
  document: AuditDocument;
  shown: readonly Subject[];
  swept: Subject | undefined;
}

export function FindingsStrip({ document, shown, swept }: FindingsStripProps) {
  const place = swept ? shown.indexOf(swept) + 1 : 0;
  const cards = useMemo(() => stripCards(document.findings, place), [document.findings, place]);
  const runs = shown.flatMap(({ run, label }) => (run ? [{ ...run, label }] : []));
  const [open, setOpen] = useState(false);
  useAnnounced(cards);
  if (cards.length === 0) return null;
  return (
    <section
      className={styles.strip}
      aria-label="Findings"
      style={{ gridTemplateColumns: `repeat(${cards.length}, minmax(0, 1fr))` }}
    >
      {cards.map((card) => (
        <Card key={card.id} card={card} runs={runs} open={open} onToggle={() => setOpen(!open)} />
      ))}
    </section>
  );
}

interface CardProps {
  card: StripCard;
  runs: readonly AppRun[];
  open: boolean;
  onToggle: () => void;
}

/** Longer sentences do not fit into three lines of a third of the window. */
const longSentence = 150;

function Card({ card: { id, sentences, warning }, runs, open, onToggle }: CardProps) {
  const shown = open ? sentences : sentences.slice(0, 1);
  const more = sentences.length - 1;
  const cut = more > 0 || (sentences[0]?.text.length ?? 0) > longSentence;
  return (
    <div className={`${styles.finding} ${warning ? styles.warning : ""}`} data-testid={`findings-${id}`}>
      {shown.map((finding) => (
        <p
          key={finding.id}
          className={open ? undefined : styles.clamped}
          title={open ? undefined : finding.text}
          data-testid={`finding-${finding.id}`}
        >
          {warning && <IconAlertTriangle size={14} stroke={1.4} aria-label="Warning" />}
          <FindingSentence finding={finding} runs={runs} />
        </p>
      ))}
      {cut && (
        <button type="button" className={styles.link} onClick={onToggle} aria-expanded={open}>
          {open ? "Less" : more > 0 ? formatNumberOf(more, "more run") : "More"}
        </button>
      )}
    </div>
  );
}

/** A new warning, or the first sentence, is told to screen readers once. */
function useAnnounced(cards: readonly StripCard[]): void {
  const told = cards.find(({ warning }) => warning) ?? cards[0];
  const text = told?.sentences[0]?.text;
  useEffect(() => {
    if (text) announce(text);
  }, [text]);
}
