/** "This is the demo. Open your own checkpoints.": over Compare while the workspace holds nothing but the demo. */

import { IconPlayerPlay, IconX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useLocation } from "@tanstack/react-router";
import type { LibraryItem } from "../../src/contract/domain/library.ts";
import { useConfigure } from "../client/configure.ts";
import { useEngine } from "../client/engine.ts";
import { libraryQuery, settingsQuery, workspaceQuery } from "../client/queries.ts";
import { IconButton } from "../widgets/icon-button.tsx";
import styles from "./demo-strip.module.css";

export function DemoStrip() {
  const engine = useEngine();
  const { data: items } = useQuery(libraryQuery(engine));
  const { data: settings } = useQuery(settingsQuery(engine));
  const { data: workspace } = useQuery(workspaceQuery(engine));
  const onCompare = useLocation({ select: (location) => location.pathname === "/compare" });
  const configure = useConfigure();
  if (!onCompare || !settings || settings.demoDismissed || !workspace) return null;
  if (!items || !isDemo(items, workspace.folder)) return null;
  return (
    <div className={styles.strip} role="note" data-testid="demo-strip">
      <IconPlayerPlay size={16} stroke={1.4} aria-hidden="true" />
      <span>
        <b>This is the demo.</b> <Link to="/library">Open your own checkpoints.</Link>
      </span>
      <span className={styles.gap} />
      <IconButton label="Dismiss" onClick={() => configure({ demoDismissed: true })} size={24}>
        <IconX size={14} stroke={1.4} aria-hidden="true" />
      </IconButton>
    </div>
  );
}

/** The demo is copied into the workspace's folder; what users open lies elsewhere. */
export function isDemo(items: readonly LibraryItem[], workspaceFolder: string): boolean {
  const inside = `${workspaceFolder.replace(/[\\/]+$/, "")}/`;
  return (
    items.length > 0 && items.every((item) => item.path.replaceAll("\\", "/").startsWith(inside.replaceAll("\\", "/")))
  );
}
