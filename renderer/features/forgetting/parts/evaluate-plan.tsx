/** What an evaluation takes and what it can show, before it starts. */
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import type { AuditSpec } from "../../../../src/contract/domain/audit.ts";
import {
  formatBytes,
  formatCount,
  formatNumberOf,
  formatPoints,
  formatSeconds,
} from "../../../../src/contract/format.ts";
import { shortText } from "../../../../src/contract/text.ts";
import { auditPlanQuery } from "../../../client/audit-queries.ts";
import { useEngine } from "../../../client/engine.ts";
import { ErrorCard } from "../../../widgets/error-card.tsx";
import { toErrorDocument } from "../../../widgets/error-document.ts";
import { Placeholder } from "../../../widgets/placeholder.tsx";
import styles from "../evaluate-sheet.module.css";

/** A question is planned when typing has stopped for so long, in milliseconds. */
const planPause = 250;

export function EvaluatePlan({ spec }: { spec: AuditSpec | undefined }) {
  const engine = useEngine();
  const [asked] = useDebouncedValue(spec, planPause);
  const plan = useQuery(auditPlanQuery(engine, asked));
  if (!spec) return null;
  if (plan.error) return <ErrorCard error={toErrorDocument(plan.error)} />;
  if (!plan.data) return <Placeholder height={34} />;
  const isStale = plan.isPlaceholderData || asked !== spec;
  const { variants, items, stored, estimatedSeconds, peakMemoryBytes, detectable } = plan.data;
  return (
    <div className={styles.plan} data-testid="evaluate-plan" data-stale={isStale || undefined}>
      <p>
        {stored >= items ? (
          <b>Everything is stored; nothing has to run</b>
        ) : (
          <>
            <b>≈ {formatSeconds(estimatedSeconds)}</b> on this CPU · ≈ {formatBytes(peakMemoryBytes)} memory
          </>
        )}{" "}
        · {formatNumberOf(variants, "variant")}, {formatNumberOf(items, "item")}
        {stored > 0 && stored < items && `, ${formatCount(stored)} of them stored`}
      </p>
      <p className={styles.note}>
        Can show (80 % power):{" "}
        {detectable
          .map(
            ({ task, difference }) =>
              `${shortText(task, 20)} ${difference === null ? "–" : `${formatPoints(difference, 1).slice(1)} pp`}`,
          )
          .join(" · ")}
      </p>
    </div>
  );
}
