/** What pages of this app may not do, and which messages main listens to. */
import { app, type IpcMainEvent, type IpcMainInvokeEvent, ipcMain, type Session } from "electron";
import { appOrigin } from "./app-scheme.ts";

/** "Copy" buttons write text; nothing else needs a permission. */
const allowedPermission = "clipboard-sanitized-write";

/** Before any window: navigation away, new windows and embedded pages are refused. */
export function confinePages(): void {
  app.enableSandbox();
  app.on("web-contents-created", (_event, contents) => {
    const keepHome = (event: { preventDefault(): void; url: string }) => {
      if (!isOurs(event.url)) event.preventDefault();
    };
    contents.on("will-navigate", keepHome);
    contents.on("will-redirect", keepHome);
    contents.on("will-frame-navigate", keepHome);
    contents.on("will-attach-webview", (event) => event.preventDefault());
    contents.setWindowOpenHandler(() => ({ action: "deny" }));
  });
}

export function refusePermissions(session: Session): void {
  session.setPermissionRequestHandler((_contents, permission, decide, { requestingUrl }) =>
    decide(permission === allowedPermission && isOurs(requestingUrl)),
  );
  session.setPermissionCheckHandler(
    (_contents, permission, origin) => permission === allowedPermission && isOurs(origin),
  );
  session.setDevicePermissionHandler(() => false);
}

/** Answers a question of our own page's main frame; of others, nothing is even read. */
export function answerPage<Words extends unknown[]>(
  channel: string,
  answer: (event: IpcMainInvokeEvent, ...words: Words) => unknown,
): void {
  ipcMain.handle(channel, (event, ...words) => {
    if (!isFromPage(event)) throw new Error(`${channel}: refused.`);
    return answer(event, ...(words as Words));
  });
}

/** Listens to our own page's main frame only. */
export function hearPage<Words extends unknown[]>(
  channel: string,
  hear: (event: IpcMainEvent, ...words: Words) => void,
): void {
  ipcMain.on(channel, (event, ...words) => {
    if (isFromPage(event)) hear(event, ...(words as Words));
  });
}

function isFromPage({ senderFrame, sender }: IpcMainEvent | IpcMainInvokeEvent): boolean {
  return senderFrame !== null && senderFrame === sender.mainFrame && isOurs(senderFrame.url);
}

/** The whole origin, not a prefix of it: app://deltascope.evil is another. */
function isOurs(url: string): boolean {
  return url === appOrigin || url.startsWith(`${appOrigin}/`);
}
