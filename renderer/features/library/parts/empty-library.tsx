/** A new workspace: one sentence and the ways in. */
import { Button } from "@mantine/core";
import { IconServer2 } from "@tabler/icons-react";
import { EmptyState } from "../../../widgets/empty-state.tsx";
import { Panel } from "../../../widgets/panel.tsx";
import styles from "../library-view.module.css";
import type { LibraryPage } from "../use-library-page.ts";
import { HubField } from "./hub-field.tsx";

export function EmptyLibrary({ page, over }: { page: LibraryPage; over: boolean }) {
  const { acts, folders } = page;
  return (
    <Panel label="Checkpoints and adapters" className={styles.table}>
      <div className={`${styles.empty} ${over ? styles.over : ""}`} data-testid="drop-zone">
        <EmptyState
          icon={<IconServer2 size={26} stroke={1.3} aria-hidden="true" />}
          title="No checkpoints yet"
          sentence="Drop a base model and a tuned one here. DeltaScope pairs them by name and shape and reads only the headers at first."
          action={
            <Button variant="filled" loading={acts.openDemo.isPending} onClick={() => acts.openDemo.mutate()}>
              Open demo
            </Button>
          }
          others={
            <>
              <Button variant="default" loading={acts.add.isPending} onClick={folders.choose}>
                Choose folder
              </Button>
              <Button variant="default" loading={acts.scan.isPending} onClick={() => acts.scan.mutate()}>
                Scan cache
              </Button>
              <HubField looking={page.hub.look.isPending} onAddress={(address) => page.hub.look.mutate(address)} />
            </>
          }
        />
      </div>
    </Panel>
  );
}
