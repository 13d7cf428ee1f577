/** Checkpoints that could not be measured; the rest of the view stands. */
import type { AuditDocument } from "../../../../src/contract/domain/audit.ts";
import { shortText } from "../../../../src/contract/text.ts";
import { ErrorCard } from "../../../widgets/error-card.tsx";

export function Failures({ document: { failures } }: { document: AuditDocument }) {
  return failures.map(({ label, path, error }) => (
    <ErrorCard
      key={`${label} ${path}`}
      tone="warn"
      testId="failed-run"
      title={`${shortText(label, 60)} could not be measured; the rest is complete and usable`}
      error={error}
    />
  ));
}
