/** "Fits the base": checks from the headers, and from the stored pairing once there is one. */
import { IconAlertTriangle, IconCircleCheck, IconCircleX } from "@tabler/icons-react";
import type { Alert } from "../../../../src/contract/alerts.ts";
import type { LibraryItem } from "../../../../src/contract/domain/library.ts";
import type { PairingReport } from "../../../../src/contract/domain/pair.ts";
import { formatNumberOf } from "../../../../src/contract/format.ts";
import { FileText } from "../../../widgets/file-text.tsx";
import { type Check, fitOf } from "../model/fit.ts";
import styles from "./item-panel.module.css";

export interface FitSectionProps {
  item: LibraryItem;
  base: LibraryItem | undefined;
  /** Of the stored run, if there is one. */
  details: { pairing: PairingReport; alerts: readonly Alert[] } | undefined;
}

const icons = { ok: IconCircleCheck, warn: IconAlertTriangle, bad: IconCircleX };
/** Reasons that a person may want to know of; the others are as intended. */
const worthSaying: ReadonlySet<string> = new Set(["missing", "extra", "shape", "quantised", "dtype", "not-finite"]);

export function FitSection({ item, base, details }: FitSectionProps) {
  const checks = [
    ...(fitOf(item, base)?.checks ?? []),
    ...pairingChecks(details?.pairing),
    ...alertChecks([...(item.inspection?.alerts ?? []), ...(details?.alerts ?? [])]),
  ];
  return (
    <section className={styles.section}>
      <h3 className={styles.heading}>Fits the base</h3>
      {checks.length === 0 && (
        <p className={styles.quiet}>{base ? "Known once it is compared." : "Its base is not here."}</p>
      )}
      <CheckList checks={checks} />
    </section>
  );
}

/** What was odd about an item that fits no base, such as a base itself; nothing where nothing was. */
export function NotesSection({ item }: Pick<FitSectionProps, "item">) {
  const checks = alertChecks(item.inspection?.alerts ?? []);
  if (checks.length === 0) return null;
  return (
    <section className={styles.section}>
      <h3 className={styles.heading}>Notes</h3>
      <CheckList checks={checks} />
    </section>
  );
}

function CheckList({ checks }: { checks: readonly Check[] }) {
  return (
    <ul className={styles.checks}>
      {checks.map(({ result, text }) => {
        const Icon = icons[result];
        return (
          <li key={text} className={styles.check}>
            <Icon className={styles[result]} size={14} stroke={1.5} role="img" aria-label={words[result]} />
            <FileText text={text} limit={300} />
          </li>
        );
      })}
    </ul>
  );
}

const words = { ok: "Agrees:", warn: "Note:", bad: "Does not fit:" };

function pairingChecks(pairing: PairingReport | undefined): Check[] {
  if (!pairing) return [];
  const left = pairing.unpaired.filter(({ reason }) => worthSaying.has(reason));
  const checks: Check[] = [
    { result: "ok", text: `${formatNumberOf(pairing.paired, "tensor")} paired in the analysis` },
  ];
  const [first] = left;
  if (first) {
    const others = left.length > 1 ? ` and ${formatNumberOf(left.length - 1, "other")}` : "";
    checks.push({ result: "warn", text: `Without partner: ${first.name} (${first.reason})${others}` });
  }
  return checks;
}

function alertChecks(alerts: readonly Alert[]): Check[] {
  const sentences = new Map(alerts.map(({ message, tip, severity }) => [message, { tip, severity }]));
  return [...sentences].map(([message, { tip, severity }]) => ({
    result: severity === "error" ? "bad" : "warn",
    text: `${message} ${tip}`,
  }));
}
