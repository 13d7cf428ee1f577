/** Acts that can still be taken back, with the seconds that are left. */
import { IconArrowBackUp, IconX } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { FileText } from "../widgets/file-text.tsx";
import { takeBack, type UndoOffer, useUndoOffers, withdraw } from "../widgets/undo.ts";
import styles from "./undo-toasts.module.css";

export function UndoToasts() {
  const offers = useUndoOffers();
  return (
    <div className={styles.stack} role="status">
      {offers.map((offer) => (
        <Toast key={offer.id} offer={offer} />
      ))}
    </div>
  );
}

function Toast({ offer }: { offer: UndoOffer }) {
  const seconds = useSecondsUntil(offer.until);
  return (
    <div className={styles.toast} data-testid="undo-toast">
      <IconArrowBackUp size={16} stroke={1.4} aria-hidden="true" />
      <span className={styles.sentence}>
        <FileText text={offer.sentence} />
      </span>
      <button type="button" className={styles.undo} onClick={() => takeBack(offer.id)}>
        Undo
      </button>
      <span className={styles.seconds} aria-hidden="true">
        {seconds} s
      </span>
      <button type="button" className={styles.close} aria-label="Dismiss" onClick={() => withdraw(offer.id)}>
        <IconX size={14} stroke={1.4} aria-hidden="true" />
      </button>
    </div>
  );
}

function useSecondsUntil(end: number): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return Math.max(0, Math.ceil((end - now) / 1000));
}
