/** The views with their digits, jobs and settings, and what this machine gives. */
import { IconListDetails, IconReport, IconSettings } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useLocation } from "@tanstack/react-router";
import { formatBytes, formatNumberOf } from "../../src/contract/format.ts";
import { useEngine } from "../client/engine.ts";
import { settingsQuery, workspaceQuery } from "../client/queries.ts";
import { lastAddress } from "./last-addresses.ts";
import styles from "./navigation.module.css";
import { type ViewEntry, views } from "./views.ts";

export function Navigation() {
  const path = useLocation({ select: (location) => location.pathname });
  return (
    <nav className={styles.nav} aria-label="Views">
      {views.map((view, index) => (
        <ViewLink key={view.path} view={view} digit={index + 1} shown={path.startsWith(view.path)} />
      ))}
      <span className={styles.gap} />
      <Link
        to="."
        search={(previous) => ({ ...previous, jobs: "open" })}
        className={styles.item}
        activeProps={{ "aria-current": undefined }}
        title="Jobs"
      >
        <IconListDetails size={16} stroke={1.4} aria-hidden="true" />
        <span className={styles.name}>Jobs</span>
        <span className={styles.keys}>Ctrl J</span>
      </Link>
      <Link
        to="."
        search={(previous) => ({ ...previous, report: "open" })}
        className={styles.item}
        activeProps={{ "aria-current": undefined }}
        title="Report"
      >
        <IconReport size={16} stroke={1.4} aria-hidden="true" />
        <span className={styles.name}>Report</span>
      </Link>
      <Link
        to="/settings/$section"
        params={{ section: "general" }}
        className={styles.item}
        data-shown={path.startsWith("/settings") || undefined}
        title="Settings"
      >
        <IconSettings size={16} stroke={1.4} aria-hidden="true" />
        <span className={styles.name}>Settings</span>
        <span className={styles.keys}>Ctrl ,</span>
      </Link>
      <Machine />
    </nav>
  );
}

function ViewLink({ view, digit, shown }: { view: ViewEntry; digit: number; shown: boolean }) {
  const Icon = view.icon;
  return (
    <Link
      to={shown ? "." : (lastAddress(view.path) ?? view.path)}
      search={shown ? true : undefined}
      className={styles.item}
      data-shown={shown || undefined}
      aria-current={shown ? "page" : undefined}
      title={view.name}
    >
      <Icon size={16} stroke={1.4} aria-hidden="true" />
      <span className={styles.name}>{view.name}</span>
      <span className={styles.keys}>{digit}</span>
    </Link>
  );
}

/** What computing may use; settings limit it. */
function Machine() {
  const engine = useEngine();
  const { data: workspace } = useQuery(workspaceQuery(engine));
  const { data: settings } = useQuery(settingsQuery(engine));
  if (!workspace) return null;
  return (
    <dl className={styles.machine}>
      <div>
        <dt>CPU</dt>
        <dd>{formatNumberOf(settings?.threads ?? workspace.threads, "thread")}</dd>
      </div>
      <div>
        <dt>Memory</dt>
        <dd>{formatBytes(settings?.memoryBytes ?? workspace.memoryBytes)}</dd>
      </div>
    </dl>
  );
}
