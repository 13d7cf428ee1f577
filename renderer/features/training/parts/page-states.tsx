/** What a page of one run or one sweep shows while it has nothing else: why, and what can be done. */
import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { ErrorCard } from "../../../widgets/error-card.tsx";
import { toErrorDocument } from "../../../widgets/error-document.ts";
import { Placeholder } from "../../../widgets/placeholder.tsx";
import styles from "../training.module.css";
import { TrainingHead, type TrainingPage } from "./tabs.tsx";

interface FailedPageProps {
  page: TrainingPage;
  error: unknown;
  onRetry: () => void;
}

export function FailedPage({ page, error, onRetry }: FailedPageProps) {
  return (
    <div className={styles.view}>
      <TrainingHead page={page} />
      <div className={styles.alone}>
        <ErrorCard
          error={toErrorDocument(error)}
          actions={
            <>
              <Button onClick={onRetry}>Try again</Button>
              <Button renderRoot={(props) => <Link to="/training/history" {...props} />}>Show all runs</Button>
            </>
          }
        />
      </div>
    </div>
  );
}

/** Grey blocks of the page's own heights. */
export function LoadingPage({ page, heights }: { page: TrainingPage; heights: readonly number[] }) {
  return (
    <div className={styles.view}>
      <TrainingHead page={page} />
      <div className={styles.body} aria-hidden="true">
        {heights.map((height) => (
          <Placeholder key={height} height={height} />
        ))}
      </div>
    </div>
  );
}
