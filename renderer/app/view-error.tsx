/** What stands in the place of a view that failed, and of an address that leads nowhere. */
import { Button } from "@mantine/core";
import { IconMapOff } from "@tabler/icons-react";
import { type ErrorComponentProps, Link, useLocation, useRouter } from "@tanstack/react-router";
import { EmptyState } from "../widgets/empty-state.tsx";
import { ErrorCard } from "../widgets/error-card.tsx";
import { toErrorDocument } from "../widgets/error-document.ts";
import { FileText } from "../widgets/file-text.tsx";
import { PageHead } from "../widgets/page-head.tsx";
import styles from "./shell.module.css";

/** A view that threw; the shell and the other views go on. */
export function ViewError({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  return (
    <>
      <PageHead title="This view failed" />
      <div className={styles.alone}>
        <ErrorCard
          error={toErrorDocument(error)}
          actions={
            <Button
              variant="filled"
              onClick={() => {
                reset();
                void router.invalidate();
              }}
            >
              Show the view again
            </Button>
          }
        />
      </div>
    </>
  );
}

export function NothingHere() {
  const path = useLocation({ select: (location) => location.pathname });
  return (
    <>
      <PageHead title="Not found" />
      <EmptyState
        icon={<IconMapOff size={24} stroke={1.4} aria-hidden="true" />}
        sentence={
          <>
            There is no view at <FileText text={path} mono />.
          </>
        }
        action={
          <Button variant="filled" renderRoot={(props) => <Link to="/library" {...props} />}>
            Open the library
          </Button>
        }
      />
    </>
  );
}
