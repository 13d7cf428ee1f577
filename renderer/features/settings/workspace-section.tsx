/** Where everything is kept, and how much that is. */
import { Button } from "@mantine/core";
import type { WorkspaceInfo } from "../../../src/contract/domain/settings.ts";
import { formatBytes } from "../../../src/contract/format.ts";
import { useHost } from "../../host/host.ts";
import { CopyButton } from "../../widgets/copy-button.tsx";
import { FileText } from "../../widgets/file-text.tsx";
import { CacheRow } from "./cache-row.tsx";
import { Row } from "./row.tsx";

export function WorkspaceSection({ workspace }: { workspace: WorkspaceInfo }) {
  const host = useHost();
  return (
    <>
      <Row name="Folder">
        <FileText text={workspace.folder} mono />
        <CopyButton text={workspace.folder} label="Copy path" />
        {host.reveal && (
          <Button size="xs" onClick={() => host.reveal?.(workspace.folder)}>
            Show in file manager
          </Button>
        )}
      </Row>
      <Row name="Stored results" note="Results only; weights are never copied.">
        {formatBytes(workspace.databaseBytes)}
      </Row>
      <CacheRow />
      <Row name="Another one" note="A workspace is chosen at the start; one process at a time writes to it.">
        <code>deltascope serve --workspace FOLDER</code>
      </Row>
      <Row name="DeltaScope">Version {workspace.version}</Row>
    </>
  );
}
