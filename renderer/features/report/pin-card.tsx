/** One pin: what it shows, the user's note, its place in the report. */
import { Textarea } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconX } from "@tabler/icons-react";
import { useRouter } from "@tanstack/react-router";
import { useState } from "react";
import type { Pin } from "../../../src/contract/domain/pin.ts";
import { formatNumberOf } from "../../../src/contract/format.ts";
import { FileText } from "../../widgets/file-text.tsx";
import { IconButton } from "../../widgets/icon-button.tsx";
import styles from "./report-drawer.module.css";

interface PinCardProps {
  pin: Pin;
  first: boolean;
  last: boolean;
  onNote: (note: string) => void;
  onMove: (step: 1 | -1) => void;
  onRemove: () => void;
}

export function PinCard({ pin, first, last, onNote, onMove, onRemove }: PinCardProps) {
  return (
    <li className={styles.card} data-testid={`pin-${pin.id}`}>
      <div className={styles.head}>
        <h3 className={styles.title}>
          <FileText text={pin.title} limit={100} />
        </h3>
        <IconButton label={`Move ${pin.title} up`} disabled={first} onClick={() => onMove(-1)}>
          <IconArrowUp size={16} stroke={1.4} aria-hidden="true" />
        </IconButton>
        <IconButton label={`Move ${pin.title} down`} disabled={last} onClick={() => onMove(1)}>
          <IconArrowDown size={16} stroke={1.4} aria-hidden="true" />
        </IconButton>
        <IconButton label={`Remove ${pin.title}`} onClick={onRemove}>
          <IconX size={16} stroke={1.4} aria-hidden="true" />
        </IconButton>
      </div>
      <Content pin={pin} />
      <Note pin={pin} onNote={onNote} />
    </li>
  );
}

/** Sentences shown before they are counted; the report has all. */
const shownSentences = 2;

function Content({ pin: { picture, sentences, table, title, address } }: { pin: Pin }) {
  const router = useRouter();
  const more = [
    sentences.length > shownSentences ? formatNumberOf(sentences.length - shownSentences, "more sentence") : "",
    table ? formatNumberOf(table.rows.length, "row") : "",
  ].filter(Boolean);
  return (
    <>
      {picture && <img className={styles.picture} src={pictureAddress(picture)} alt={title} />}
      {sentences.slice(0, shownSentences).map((sentence) => (
        <p key={sentence} className={styles.line}>
          <FileText text={sentence} limit={300} />
        </p>
      ))}
      <p className={styles.note}>
        {more.length > 0 && `${more.join(", ")} · `}
        <button type="button" className={styles.link} onClick={() => router.history.push(address)}>
          Go to the view
        </button>
      </p>
    </>
  );
}

/** As an image, a drawing can neither run nor load anything. */
function pictureAddress(svg: string): string {
  return `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
}

/** Kept when the field is left. */
function Note({ pin, onNote }: { pin: Pin; onNote: (note: string) => void }) {
  const [typed, setTyped] = useState<string>();
  function keep() {
    if (typed !== undefined && typed !== pin.note) onNote(typed);
    setTyped(undefined);
  }
  return (
    <Textarea
      aria-label={`Note on ${pin.title}`}
      placeholder="Note for the report"
      rows={2}
      resize="vertical"
      maxLength={4000}
      value={typed ?? pin.note}
      onChange={(event) => setTyped(event.currentTarget.value)}
      onBlur={keep}
    />
  );
}
