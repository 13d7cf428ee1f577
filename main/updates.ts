/**
 * Updates are off: DeltaScope asks no server unless the person who installs it names one in
 * DELTASCOPE_UPDATE_FEED (https, in the form that Electron's autoUpdater reads).
 */
import { app, autoUpdater } from "electron";

export function startUpdates(feed: string | undefined): void {
  if (!app.isPackaged || process.platform === "linux" || !feed?.startsWith("https://")) return;
  // Without network the next start asks again.
  autoUpdater.on("error", () => undefined);
  autoUpdater.setFeedURL({ url: feed });
  autoUpdater.checkForUpdates();
}
