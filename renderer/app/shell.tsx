/** The frame around every view: top bar, navigation, status bar, and the layers over them. */
import { Outlet, useLocation, useRouter } from "@tanstack/react-router";
import { Suspense, useEffect } from "react";
import { useEngineEvents } from "../client/live.ts";
import { JobsDrawer } from "../features/jobs/jobs-drawer.tsx";
import { ReportDrawer } from "../features/report/report-drawer.tsx";
import { useAppliedSettings } from "./applied-settings.ts";
import { ConnectionBar } from "./connection-bar.tsx";
import { DemoStrip } from "./demo-strip.tsx";
import { GlobalKeys } from "./global-keys.tsx";
import { HelpOverlay } from "./help/help-overlay.tsx";
import { useJobNews } from "./job-news.ts";
import { rememberAddress } from "./last-addresses.ts";
import { LiveRegion } from "./live-region.tsx";
import { CopyStrip, LockedWorkspaceGuard } from "./locked-workspace.tsx";
import { MissingRunsGuard } from "./missing-runs.tsx";
import { Navigation } from "./navigation.tsx";
import { CommandPalette } from "./palette/command-palette.tsx";
import styles from "./shell.module.css";
import { StatusBar } from "./status-bar.tsx";
import { TopBar } from "./top-bar.tsx";
import { UndoToasts } from "./undo-toasts.tsx";
import { useHostAddresses } from "./use-host-addresses.ts";

export function Shell() {
  useEngineEvents();
  const numberStyle = useAppliedSettings();
  useJobNews();
  useHostAddresses();
  useAddressMemory();
  return (
    <div className={styles.shell}>
      <a className={styles.skip} href="#view">
        Go to the view
      </a>
      <TopBar />
      <div className={styles.bars}>
        <ConnectionBar />
      </div>
      <Navigation />
      <main className={styles.main} id="view" tabIndex={-1}>
        <CopyStrip />
        <DemoStrip />
        <LockedWorkspaceGuard>
          <MissingRunsGuard key={numberStyle}>
            <Suspense>
              <Outlet />
            </Suspense>
          </MissingRunsGuard>
        </LockedWorkspaceGuard>
      </main>
      <StatusBar />
      <JobsDrawer />
      <ReportDrawer />
      <CommandPalette />
      <HelpOverlay />
      <UndoToasts />
      <LiveRegion />
      <GlobalKeys />
    </div>
  );
}

/** Keeps where each view stood, and the window's title. */
function useAddressMemory(): void {
  const { pathname, href } = useLocation();
  const router = useRouter();
  useEffect(() => {
    if (router.state.matches.length > 1) rememberAddress(pathname, href);
    const name = pathname.split("/")[1] ?? "";
    document.title = name === "" ? "DeltaScope" : `${name.slice(0, 1).toUpperCase()}${name.slice(1)} · DeltaScope`;
  }, [pathname, href, router]);
}
