/** Writes an audit as a file in one of the formats that `--out` knows. */
import type { ItemDetail } from "../../contract/api.ts";
import { csvOf } from "../../contract/csv.ts";
import type { AuditDocument, AuditRow } from "../../contract/domain/audit.ts";
import { documentPieces } from "../../contract/json.ts";
import { renderAudit } from "./html-audit.ts";
import { refuseToReplace, writeFileAtomically } from "./write-file.ts";

export interface AuditExport {
  document: AuditDocument;
  examples: readonly ItemDetail[];
  format: "json" | "csv" | "html";
  /** Absolute path. */
  file: string;
  overwrite: boolean;
}

/** @throws DeltaScopeError `output.exists`, `output.unwritable` */
export async function exportAudit(request: AuditExport): Promise<{ file: string; bytes: number }> {
  const { file, overwrite } = request;
  await refuseToReplace(file, overwrite);
  return { file, bytes: await writeFileAtomically(file, contentOf(request), overwrite) };
}

function contentOf({ document, examples, format }: AuditExport): string | Iterable<string> {
  if (format === "json") return documentPieces(document);
  return format === "csv" ? auditCsv(document) : renderAudit(document, examples);
}

const columns: readonly [string, (row: AuditRow) => string | number | null | undefined][] = [
  ["label", ({ label }) => label],
  ["task", ({ task }) => task],
  ["role", ({ role }) => role],
  ["metric", ({ metric }) => metric],
  ["lambda", ({ lambda }) => lambda],
  ["arm", ({ arm }) => arm],
  ["items", ({ items }) => items],
  ["value", ({ value }) => value],
  ["base_value", ({ baseValue }) => baseValue],
  ["difference", ({ difference }) => difference],
  ["ci95_low", ({ ci95 }) => ci95?.[0]],
  ["ci95_high", ({ ci95 }) => ci95?.[1]],
  ["mcnemar_p", ({ mcnemarP }) => mcnemarP],
  ["adjusted_p", ({ adjustedP }) => adjustedP],
  ["fdr_p", ({ fdrP }) => fdrP],
  ["lost", ({ lost }) => lost],
  ["gained", ({ gained }) => gained],
  ["chance_adjusted", ({ chanceAdjusted }) => chanceAdjusted],
  ["effect_size", ({ effectSize }) => effectSize],
  ["detectable", ({ detectable }) => detectable],
  ["note", ({ note }) => note],
];

/** One row per run × task × λ × arm, names in snake case, full precision. */
export function auditCsv({ rows }: Pick<AuditDocument, "rows">): string {
  return csvOf([columns.map(([name]) => name), ...rows.map((row) => columns.map(([, read]) => read(row)))]);
}
