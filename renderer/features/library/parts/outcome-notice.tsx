/** What the last act came to, where the rows alone do not tell. */
import { Button } from "@mantine/core";
import { ErrorCard } from "../../../widgets/error-card.tsx";
import { Notice } from "../../../widgets/notice.tsx";
import type { LibraryPage } from "../use-library-page.ts";

export function OutcomeNotice({ page }: { page: LibraryPage }) {
  const { outcome, setOutcome } = page.acts;
  if (!outcome) return null;
  const close = (
    <Button size="xs" variant="subtle" onClick={() => setOutcome(undefined)}>
      Close
    </Button>
  );
  if (outcome.type === "error") return <ErrorCard error={outcome.error} actions={close} testId="add-error" />;
  if (outcome.type === "note") return <Notice tone="info" title={outcome.text} actions={close} testId="add-note" />;
  const choose = (
    <>
      <Button
        size="xs"
        variant="filled"
        onClick={() => {
          setOutcome(undefined);
          page.folders.choose();
        }}
      >
        Choose folder
      </Button>
      {close}
    </>
  );
  return (
    <Notice tone="info" title="A browser does not say where a dropped file lies." actions={choose} testId="drop-note">
      DeltaScope reads checkpoints from their folder on this machine; nothing is uploaded. Choose the folder here
      instead.
    </Notice>
  );
}
