/** A workspace that another process holds: who holds it, a copy to look at, and the way back once it is free. */
import { Button } from "@mantine/core";
import { IconLock } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { WorkspaceInfo } from "../../src/contract/domain/settings.ts";
import { formatMoment } from "../../src/contract/format.ts";
import { useEngine } from "../client/engine.ts";
import { workspaceQuery } from "../client/queries.ts";
import { ErrorCard } from "../widgets/error-card.tsx";
import { toErrorDocument } from "../widgets/error-document.ts";
import { PageHead } from "../widgets/page-head.tsx";
import styles from "./locked-workspace.module.css";
import frame from "./shell.module.css";

/** In the place of every view while nothing of the workspace can be read. */
export function LockedWorkspaceGuard({ children }: { children: ReactNode }) {
  const engine = useEngine();
  const { error, data } = useQuery(workspaceQuery(engine));
  const problem = error && !data ? toErrorDocument(error) : undefined;
  return problem?.code === "store.locked" ? <LockedWorkspace message={problem.message} /> : children;
}

function LockedWorkspace({ message }: { message: string }) {
  const { open, pending, error } = useOpenWorkspace();
  // Who holds it may have changed since.
  const said = error?.code === "store.locked" ? error.message : message;
  return (
    <>
      <PageHead title="This workspace is in use" />
      <div className={frame.alone}>
        <ErrorCard
          testId="locked-workspace"
          title="Another process works in this workspace"
          error={{ code: "store.locked", message: said, tip, retryable: true }}
          actions={
            <>
              <Button variant="filled" loading={pending} onClick={() => open({ readOnly: true })}>
                Open read-only
              </Button>
              <Button disabled={pending} onClick={() => open({ readOnly: false })}>
                Try again
              </Button>
            </>
          }
        />
        {error && error.code !== "store.locked" && <ErrorCard error={error} />}
      </div>
    </>
  );
}

const tip =
  "Read-only shows a copy of this moment. The app opens the workspace itself as soon as the other process has ended.";

/** Over every view while a copy is shown. */
export function CopyStrip() {
  const engine = useEngine();
  const { data } = useQuery(workspaceQuery(engine));
  return data?.copy ? <Copy copiedAt={data.copy.copiedAt} /> : null;
}

function Copy({ copiedAt }: { copiedAt: string }) {
  const { open, pending, error } = useOpenWorkspace();
  return (
    <div className={styles.strip} role="note" data-testid="copy-strip">
      <IconLock size={16} stroke={1.4} aria-hidden="true" />
      <span>
        <b>Read-only:</b> a copy of the workspace as it was on {formatMoment(copiedAt)}.{" "}
        {error ? (
          <span role="alert">{error.message}</span>
        ) : (
          "Another process holds the workspace; nothing can be changed here."
        )}
      </span>
      <span className={styles.gap} />
      <Button size="xs" disabled={pending} onClick={() => open({ readOnly: true })}>
        Copy it again
      </Button>
      <Button size="xs" loading={pending} onClick={() => open({ readOnly: false })}>
        Try to open it
      </Button>
    </div>
  );
}

/** What was shown belongs to another opening, so everything is asked again. */
function useOpenWorkspace() {
  const engine = useEngine();
  const queries = useQueryClient();
  const opening = useMutation({
    mutationFn: (kind: { readOnly: boolean }) => engine.workspace.open(kind),
    onSuccess: (info) => {
      queries.setQueryData<WorkspaceInfo>(workspaceQuery(engine).queryKey, info);
      return queries.invalidateQueries();
    },
  });
  return {
    open: opening.mutate,
    pending: opening.isPending,
    error: opening.error ? toErrorDocument(opening.error) : undefined,
  };
}
