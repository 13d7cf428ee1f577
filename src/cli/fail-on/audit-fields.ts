/** Quantities of an audit that a gate may ask for, per run as trained; points of accuracy are percentage points. */
import type { AuditDocument, AuditRow } from "../../contract/domain/audit.ts";
import { maximum, minimum } from "../../contract/statistics.ts";
import type { Quantities } from "./evaluate.ts";

type Quantity = (document: AuditDocument, label: string) => number | undefined;

/** From here on a loss is claimed. */
const claimP = 0.05;

function rowsOf({ rows }: AuditDocument, label: string): AuditRow[] {
  return rows.filter((row) => row.label === label && row.lambda === 1 && row.role === "retain");
}

function choiceRows(document: AuditDocument, label: string): AuditRow[] {
  return rowsOf(document, label).filter(({ mcnemarP }) => mcnemarP !== null);
}

function pooled(document: AuditDocument, label: string) {
  return document.sweep.find((point) => point.label === label && point.lambda === 1);
}

function points(share: number | undefined | null): number | undefined {
  return share == null ? undefined : share * 100;
}

/** Undefined where no old task was scored: nothing is known, so nothing passes. */
function largest(read: (row: AuditRow) => number | null): Quantity {
  return (document, label) => maximum(choiceRows(document, label).map(read));
}

const quantities: ReadonlyMap<string, Quantity> = new Map([
  ["forgetting", (document, label) => negative(points(pooled(document, label)?.retention.difference))],
  ["forgettingLow", (document, label) => negative(points(pooled(document, label)?.retention.ci95?.[1]))],
  ["forgettingHigh", (document, label) => negative(points(pooled(document, label)?.retention.ci95?.[0]))],
  ["newTask", (document, label) => points(pooled(document, label)?.newTask?.difference)],
  [
    "claimedLosses",
    (document, label) => {
      const rows = choiceRows(document, label);
      return rows.length === 0 ? undefined : rows.filter(isClaimedLoss).length;
    },
  ],
  ["task.forgetting", largest(({ difference }) => -difference * 100)],
  ["task.chanceAdjusted", largest(({ chanceAdjusted }) => chanceAdjusted)],
  ["task.lost", largest(({ lost }) => lost)],
  ["task.adjustedP", (document, label) => minimum(choiceRows(document, label).map(({ adjustedP }) => adjustedP))],
  [
    "task.bitsPerByte",
    (document, label) => maximum(rowsOf(document, label).map((row) => (row.mcnemarP === null ? row.difference : null))),
  ],
] satisfies [string, Quantity][]);

function negative(value: number | undefined): number | undefined {
  return value === undefined ? undefined : -value;
}

function isClaimedLoss({ adjustedP, difference }: AuditRow): boolean {
  return adjustedP !== null && adjustedP < claimP && difference < 0;
}

export const auditFields: readonly string[] = [...quantities.keys()];

/** @param labels of the runs that were asked for: one that failed has no quantities, and does not pass */
export function auditQuantities(document: AuditDocument, labels: readonly string[]): Quantities {
  return { runs: labels, read: (label, field) => quantities.get(field)?.(document, label) };
}
