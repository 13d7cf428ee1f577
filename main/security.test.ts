/** What pages may not do, played through Electron's events. */
import { EventEmitter } from "node:events";
import type { Session } from "electron";
import { expect, test, vi } from "vitest";

type Handler = (...words: unknown[]) => unknown;

const electron = vi.hoisted(() => ({
  handlers: new Map<string, (...words: unknown[]) => unknown>(),
  app: undefined as unknown as EventEmitter & { enableSandbox(): void },
}));

vi.mock("electron", async () => {
  const { EventEmitter: Emitter } = await import("node:events");
  electron.app = Object.assign(new Emitter(), { enableSandbox: () => undefined });
  const keep = (channel: string, handler: Handler) => electron.handlers.set(channel, handler);
  return { app: electron.app, ipcMain: { handle: keep, on: keep }, protocol: {} };
});

const { answerPage, confinePages, hearPage, refusePermissions } = await import("./security.ts");

const ours = "app://deltascope/compare";
const foreign = [
  "https://evil.example/",
  "app://deltascope.evil.example/",
  "app://other/",
  "file:///etc/passwd",
  "data:text/html,x",
  "about:blank",
];

function page() {
  const contents = Object.assign(new EventEmitter(), {
    opener: undefined as Handler | undefined,
    setWindowOpenHandler(handler: Handler) {
      contents.opener = handler;
    },
  });
  electron.app.emit("web-contents-created", {}, contents);
  return contents;
}

test("pages stay where they are and open no others", () => {
  confinePages();
  const contents = page();
  for (const kind of ["will-navigate", "will-redirect", "will-frame-navigate"]) {
    for (const url of [...foreign, ours]) {
      const preventDefault = vi.fn();
      contents.emit(kind, { preventDefault, url });
      expect(preventDefault, `${kind} ${url}`).toHaveBeenCalledTimes(url === ours ? 0 : 1);
    }
  }
  const preventDefault = vi.fn();
  contents.emit("will-attach-webview", { preventDefault });
  expect(preventDefault).toHaveBeenCalledOnce();
  expect(contents.opener?.({ url: ours })).toEqual({ action: "deny" });
});

test("nothing is permitted but to copy text, and that to our page only", () => {
  const set: Record<string, Handler> = {};
  const keep = (name: string) => (handler: Handler) => {
    set[name] = handler;
  };
  refusePermissions({
    setPermissionRequestHandler: keep("request"),
    setPermissionCheckHandler: keep("check"),
    setDevicePermissionHandler: keep("device"),
  } as unknown as Session);
  const asked = (permission: string, url: string) => {
    const decide = vi.fn();
    set.request?.({}, permission, decide, { requestingUrl: url });
    return [decide.mock.calls[0]?.[0], set.check?.({}, permission, url)];
  };
  for (const permission of ["media", "geolocation", "notifications", "clipboard-read", "openExternal", "usb"]) {
    expect(asked(permission, ours)).toEqual([false, false]);
  }
  expect(asked("clipboard-sanitized-write", ours)).toEqual([true, true]);
  for (const url of foreign) expect(asked("clipboard-sanitized-write", url)).toEqual([false, false]);
  expect(set.device?.({})).toBe(false);
});

test("only the main frame of our own page is listened to", () => {
  const answer = vi.fn(() => "answer");
  const hear = vi.fn();
  answerPage("ask", answer);
  hearPage("tell", hear);
  const ask = electron.handlers.get("ask");
  const tell = electron.handlers.get("tell");
  const mainFrame = { url: ours };
  expect(ask?.({ senderFrame: mainFrame, sender: { mainFrame } }, 1)).toBe("answer");
  tell?.({ senderFrame: mainFrame, sender: { mainFrame } }, 1);
  expect(hear).toHaveBeenCalledOnce();
  const strangers = [
    { senderFrame: { url: ours }, sender: { mainFrame } },
    { senderFrame: null, sender: { mainFrame } },
    ...foreign.map((url) => ({ senderFrame: { url }, sender: { mainFrame: { url } } })),
  ];
  for (const frame of foreign.map((url) => ({ url })))
    strangers.push({ senderFrame: frame, sender: { mainFrame: frame } });
  for (const stranger of strangers) {
    expect(() => ask?.(stranger, 1)).toThrow("refused");
    tell?.(stranger, 1);
  }
  expect(hear).toHaveBeenCalledOnce();
  expect(answer).toHaveBeenCalledOnce();
});
