/** Settings of the workspace, one section at a time. */
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { Settings, WorkspaceInfo } from "../../../src/contract/domain/settings.ts";
import { useEngine } from "../../client/engine.ts";
import { settingsQuery, workspaceQuery } from "../../client/queries.ts";
import { ErrorCard } from "../../widgets/error-card.tsx";
import { toErrorDocument } from "../../widgets/error-document.ts";
import { PageHead } from "../../widgets/page-head.tsx";
import { Panel } from "../../widgets/panel.tsx";
import { Placeholder } from "../../widgets/placeholder.tsx";
import { ChecksSection } from "./checks-section.tsx";
import { ComputeSection } from "./compute-section.tsx";
import { GeneralSection } from "./general-section.tsx";
import { HubSection } from "./hub-section.tsx";
import { PrivacySection } from "./privacy-section.tsx";
import { type SectionId, sectionOf, sections } from "./sections.ts";
import styles from "./settings-view.module.css";
import { WorkspaceSection } from "./workspace-section.tsx";

export function SettingsView() {
  const engine = useEngine();
  const { section } = useParams({ strict: false }) as { section?: string };
  const shown = sectionOf(section ?? "");
  const settings = useQuery(settingsQuery(engine));
  const workspace = useQuery(workspaceQuery(engine));
  const error = settings.error ?? workspace.error;
  return (
    <>
      <PageHead title="Settings" />
      <div className={styles.view}>
        <nav className={styles.sections} aria-label="Sections">
          {sections.map(({ id, name }) => (
            <Link
              key={id}
              to={"/settings/$section" as never}
              params={{ section: id } as never}
              className={styles.section}
              aria-current={id === shown ? "page" : undefined}
            >
              {name}
            </Link>
          ))}
        </nav>
        <Panel title={sections.find(({ id }) => id === shown)?.name}>
          {error && <ErrorCard error={toErrorDocument(error)} />}
          {!error && (!settings.data || !workspace.data) && <Placeholder height={180} />}
          {settings.data && workspace.data && contentOf(shown, settings.data, workspace.data)}
        </Panel>
      </div>
    </>
  );
}

function contentOf(section: SectionId, settings: Settings, workspace: WorkspaceInfo): ReactNode {
  if (section === "compute") return <ComputeSection settings={settings} workspace={workspace} />;
  if (section === "workspace") return <WorkspaceSection workspace={workspace} />;
  if (section === "checks") return <ChecksSection />;
  if (section === "privacy") return <PrivacySection settings={settings} />;
  if (section === "hub") return <HubSection />;
  return <GeneralSection settings={settings} />;
}
