/** What could not be paired, with both shapes, and the bases that would fit instead. */
import { Button } from "@mantine/core";
import type { LibraryItem } from "../../../../src/contract/domain/library.ts";
import { formatNumberOf } from "../../../../src/contract/format.ts";
import { shortText } from "../../../../src/contract/text.ts";
import { ErrorCard } from "../../../widgets/error-card.tsx";
import styles from "../library-view.module.css";
import { fittingBases } from "../model/fit.ts";
import type { ComparisonFailure } from "../use-comparison.ts";

export interface ComparisonFailuresProps {
  failures: readonly ComparisonFailure[];
  items: readonly LibraryItem[];
  onPair: (item: LibraryItem, base: LibraryItem) => void;
  onOtherBase: (item: LibraryItem) => void;
  onOpenRuns: (ids: readonly string[]) => void;
  onForget: () => void;
}

/** Cards beyond these would push the table away. */
const shownCards = 2;

export function ComparisonFailures({ failures, items, ...actions }: ComparisonFailuresProps) {
  if (failures.length === 0) return null;
  return (
    <div className={styles.failures}>
      {failures.slice(0, shownCards).map((failure) => (
        <FailureCard key={failure.item?.id ?? failure.error.message} failure={failure} items={items} {...actions} />
      ))}
      {failures.length > shownCards && <p>and {formatNumberOf(failures.length - shownCards, "other")}</p>}
    </div>
  );
}

type CardProps = Omit<ComparisonFailuresProps, "failures"> & { failure: ComparisonFailure };

function FailureCard({ failure, items, onPair, onOtherBase, onOpenRuns, onForget }: CardProps) {
  const { item, base, error, others } = failure;
  const candidates = item ? fittingBases(item, items).filter(({ id }) => id !== base.id) : [];
  const actions = (
    <>
      {item &&
        candidates.slice(0, shownCards).map((candidate) => (
          <Button key={candidate.id} size="xs" variant="filled" onClick={() => onPair(item, candidate)}>
            Pair with {shortText(candidate.label, 40)}
          </Button>
        ))}
      {item && (
        <Button size="xs" variant="default" onClick={() => onOtherBase(item)}>
          Other base
        </Button>
      )}
      {others.length > 0 && (
        <Button size="xs" variant="default" onClick={() => onOpenRuns(others)}>
          Open {formatNumberOf(others.length, "other run")}
        </Button>
      )}
      <Button size="xs" variant="subtle" onClick={onForget}>
        Close
      </Button>
    </>
  );
  return <ErrorCard error={error} title={titleOf(failure)} actions={actions} testId="comparison-failure" />;
}

function titleOf({ error, item, base }: ComparisonFailure): string {
  if (error.code.startsWith("pairing.") || error.code === "adapter.shape-mismatch") {
    const tuned = item ? shortText(item.label, 40) : "These checkpoints";
    return `${tuned} does not belong to ${shortText(base.label, 40)}`;
  }
  return item ? `${shortText(item.label, 40)} was not compared` : "The comparison did not start";
}
