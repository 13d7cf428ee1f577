import { createMemoryHistory, RouterProvider } from "@tanstack/react-router";
import { act, render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";
import { defaultSettings } from "../../src/contract/domain/settings.ts";
import { DeltaScopeError } from "../../src/contract/errors.ts";
import { formatCosine, setDigits } from "../../src/contract/format.ts";
import { openDemoData } from "../../test/builders/demo-data.ts";
import { fakeClient, refusal } from "../../test/builders/fake-client.ts";
import { connectionStore } from "../client/connection.ts";
import type { EngineClient } from "../client/engine.ts";
import { setCommandKeys } from "../widgets/key-commands.ts";
import { offerUndo } from "../widgets/undo.ts";
import { exposeIdle } from "./idle.ts";
import { openLayer } from "./layers.ts";
import { appQueries, Providers } from "./providers.tsx";
import { appRouter } from "./router.tsx";

const { client: demo } = openDemoData();
afterEach(() => {
  openLayer(undefined);
  setDigits("standard");
  setCommandKeys({});
});

const host = {
  kind: "browser",
  openFolders: () => undefined,
  pathsOf: () => undefined,
  save: async () => undefined,
  link: () => "http://here/",
} as const;

async function openApp(at: string, engine: EngineClient = demo) {
  const router = appRouter(createMemoryHistory({ initialEntries: [at] }));
  const queries = appQueries();
  const connection = connectionStore();
  exposeIdle(queries, router);
  act(() => connection.enter("connected"));
  render(
    <Providers engine={engine} connection={connection} host={host} queries={queries}>
      <RouterProvider router={router} />
    </Providers>,
  );
  await screen.findByRole("main");
  return { user: userEvent.setup(), connection, address: () => router.state.location.href };
}

test("landmarks, one h1, the views with their digits, what the machine gives", async () => {
  await openApp("/settings/general");
  expect(await screen.findByRole("heading", { level: 1 })).toBeTruthy();
  for (const role of ["banner", "main", "contentinfo"]) expect(screen.getAllByRole(role)).toHaveLength(1);
  const views = within(screen.getByRole("navigation", { name: "Views" })).getAllByRole("link");
  expect(views.map((link) => link.textContent)).toEqual([
    "Library1",
    "Compare2",
    "Inspector3",
    "Spectra & rank4",
    "Forgetting5",
    "Fine-tune6",
    "Theory lab7",
    "JobsCtrl J",
    "Report",
    "SettingsCtrl ,",
  ]);
  expect(await screen.findByText("Memory")).toBeTruthy();
});

test("the palette finds a module and its commands; Escape gives the focus back", async () => {
  const { user } = await openApp("/settings/general");
  await user.keyboard("{Control>}k{/Control}");
  const field = await screen.findByRole("combobox", { name: "Find a module, run or command" });
  await user.type(field, "l3 down");
  const [first] = await screen.findAllByRole("option", { name: /Layer 3 · down_proj/ });
  expect(first?.getAttribute("aria-selected")).toBe("true");
  expect(field.getAttribute("aria-activedescendant")).toBe(first?.id);
  expect(screen.getByRole("option", { name: "Compare: brush layer 3" })).toBeTruthy();
  await user.keyboard("{ArrowDown}");
  expect(first?.getAttribute("aria-selected")).toBe("false");
  await user.keyboard("{Escape}");
  await waitFor(() => expect(screen.queryByRole("combobox")).toBeNull());
});

test("a chosen command runs and is recent next time", async () => {
  const { user, address } = await openApp("/settings/general");
  await user.keyboard("{Control>}k{/Control}");
  await user.type(await screen.findByRole("combobox"), "show jobs{Enter}");
  await waitFor(() => expect(address()).toBe("/settings/general?jobs=open"));
  expect(await screen.findByRole("dialog", { name: "Jobs" })).toBeTruthy();
  await user.keyboard("{Escape}");
  await waitFor(() => expect(address()).toBe("/settings/general"));
  await user.keyboard("{Control>}k{/Control}");
  const recent = await screen.findByRole("group", { name: "Recent" });
  expect(within(recent).getAllByRole("option")[0]?.textContent).toContain("Show jobs");
});

test("? lists the keys that work here and the glossary", async () => {
  const { user } = await openApp("/settings/general");
  await user.keyboard("?");
  const help = await screen.findByRole("dialog", { name: "Keys and glossary" });
  expect(within(help).getByText("Find a module, run or command")).toBeTruthy();
  expect(within(help).getByText("Intruder dimension")).toBeTruthy();
});

test("digits change the view, chords open settings and jobs, F6 goes round the regions", async () => {
  const { user, address } = await openApp("/settings/general");
  await user.keyboard("1");
  await waitFor(() => expect(address()).toBe("/library"));
  await user.keyboard("{Control>},{/Control}");
  await waitFor(() => expect(address()).toBe("/settings/general"));
  const seen: (string | undefined)[] = [];
  for (let step = 0; step < 3; step += 1) {
    await user.keyboard("{F6}");
    seen.push(document.activeElement?.tagName);
  }
  expect(seen).toEqual(["HEADER", "NAV", "MAIN"]);
});

test("a link to a run that is not here names it and offers what is", async () => {
  const { user, address } = await openApp("/spectra?runs=0123456789ab");
  expect((await screen.findByRole("alert")).textContent).toContain("“0123456789ab”");
  expect(await screen.findByRole("link", { name: /Compare the \d runs here/ })).toBeTruthy();
  await user.click(screen.getByRole("link", { name: "Open the library" }));
  await waitFor(() => expect(address()).toBe("/library"));
});

test("an address without a view says so", async () => {
  await openApp("/nowhere");
  expect(await screen.findByText("/nowhere")).toBeTruthy();
});

test("the bar says when the engine is gone and what was kept when it is back", async () => {
  const { connection } = await openApp("/settings/general");
  act(() => connection.enter("gone"));
  expect((await screen.findByTestId("engine-gone")).textContent).toContain("stopped");
  act(() => connection.enter("connected"));
  expect((await screen.findByTestId("engine-resumed")).textContent).toMatch(/^Resumed, \d+ modules kept\.$/);
  act(() => connection.enter("signed-out"));
  expect((await screen.findByRole("alert")).textContent).toContain("Open the address");
});

async function* greeting(jobs: unknown[]) {
  yield { type: "hello", jobs };
  await new Promise(() => undefined);
}

test("an analysis that ended with its server is not called resumed: one button takes it up again", async () => {
  const error = { code: "job.interrupted", message: "The program ended.", retryable: true };
  const stopped = { id: "j1", title: "a against b", state: "failed", error, analyses: [], failures: [] };
  const resume = vi.fn(async () => ({ ...stopped, state: "queued" }));
  const jobs = { ...demo.jobs, list: async () => [stopped], resume };
  // The greeting lists the same job: that of the real engine would take it off the screen again.
  const events = async () => greeting([stopped]);
  const replaced = new Map<PropertyKey, unknown>(Object.entries({ jobs, events }));
  const engine = new Proxy(demo, { get: (client, key) => replaced.get(key) ?? Reflect.get(client, key) });
  const { user, connection } = await openApp("/settings/general", engine);
  act(() => connection.enter("gone"));
  act(() => connection.enter("connected"));
  const button = await screen.findByRole("button", { name: "Resume the analysis" });
  expect(screen.getByTestId("engine-resumed").textContent).toMatch(/^Connected again, \d+ modules kept\./);
  await user.click(button);
  expect(resume).toHaveBeenCalledWith({ job: "j1" });
});

test("a removal can be taken back by its toast and by Ctrl Z", async () => {
  const { user } = await openApp("/settings/general");
  const undo = vi.fn();
  act(() => offerUndo("Removed “lora-r8” from the list.", undo));
  await user.click(await screen.findByRole("button", { name: "Undo" }));
  act(() => offerUndo("Removed another.", undo));
  await screen.findByText("Removed another.");
  await user.keyboard("{Control>}z{/Control}");
  expect(undo).toHaveBeenCalledTimes(2);
  expect(screen.queryByTestId("undo-toast")).toBeNull();
});

test("the theme button changes :root at once", async () => {
  const { user } = await openApp("/settings/general");
  await user.click(await screen.findByRole("button", { name: "Switch to the dark theme" }));
  await waitFor(() => expect(document.documentElement.dataset.theme).toBe("dark"));
  await user.click(await screen.findByRole("button", { name: "Switch to the light theme" }));
  await waitFor(() => expect(document.documentElement.dataset.theme).toBe("light"));
});

test("an empty workspace opens the demo in Compare; a failure to do so is said with a way on", async () => {
  const empty = { info: async () => ({ ...(await demo.workspace.info()), empty: true }) };
  const openDemo = vi.fn(async () => ({ items: [], job: null }));
  const first = await openApp("/", fakeClient({ workspace: { ...empty, openDemo } }, demo));
  await waitFor(() => expect(first.address()).toMatch(/^\/compare/));
  expect(openDemo).toHaveBeenCalledOnce();
});

test("when the demo cannot be opened, the card says why", async () => {
  const empty = { info: async () => ({ ...(await demo.workspace.info()), empty: true }) };
  const openDemo = () => Promise.reject(new Error("The disk is full."));
  await openApp("/", fakeClient({ workspace: { ...empty, openDemo } }, demo));
  expect((await screen.findByRole("alert")).textContent).toContain("The disk is full.");
  expect(screen.getByRole("button", { name: "Try again" })).toBeTruthy();
});

test("idle resolves once nothing is pending", async () => {
  await openApp("/settings/general");
  const { idle } = (window as unknown as { __deltascope: { idle(): Promise<void> } }).__deltascope;
  await act(idle);
  expect(screen.getByRole("group", { name: "Theme" })).toBeTruthy();
});

test("a locked workspace: who holds it, a copy to look at, and the way back", async () => {
  const holder = "The workspace is in use by process 4711 on here since then (serve).";
  let state: "locked" | "copy" | "free" = "locked";
  const guarded =
    <Answer,>(answer: () => Promise<Answer>) =>
    async (): Promise<Answer> => {
      if (state === "locked") throw refusal(new DeltaScopeError("store.locked", holder));
      return answer();
    };
  const info = async () => ({
    ...(await demo.workspace.info()),
    copy: state === "copy" ? { copiedAt: "2026-11-22T09:41:00.000Z" } : null,
  });
  const open = vi.fn(async ({ readOnly }: { readOnly: boolean }) => {
    if (!readOnly && state === "copy") throw refusal(new DeltaScopeError("store.locked", holder));
    if (readOnly) state = "copy";
    return info();
  });
  const client = fakeClient(
    {
      workspace: { info: guarded(info), open, settings: guarded(() => demo.workspace.settings()) },
      runs: { all: guarded(() => demo.runs.all()) },
      library: { list: guarded(() => demo.library.list()) },
    },
    demo,
  );
  const { user } = await openApp("/library", client);
  const card = await screen.findByTestId("locked-workspace");
  expect(card.textContent).toContain("process 4711");
  expect(screen.getByRole("heading", { level: 1 }).textContent).toBe("This workspace is in use");
  await user.click(screen.getByRole("button", { name: "Open read-only" }));
  const strip = await screen.findByTestId("copy-strip");
  expect(strip.textContent).toContain("a copy of the workspace as it was on 22 Nov");
  expect(await screen.findByRole("heading", { level: 1, name: "Library" })).toBeTruthy();
  await user.click(screen.getByRole("button", { name: "Try to open it" }));
  expect((await within(strip).findByRole("alert")).textContent).toContain("process 4711");
  expect(open.mock.calls.map(([kind]) => kind)).toEqual([{ readOnly: true }, { readOnly: false }]);
});

test("keys and digits of the settings hold in the whole app", async () => {
  const settings = () => ({ ...defaultSettings, digits: "more" as const, keys: { help: "H", "library.add": "P" } });
  const { user } = await openApp("/library", fakeClient({ workspace: { settings } }, demo));
  expect(await screen.findByText("P", { selector: "kbd" })).toBeTruthy();
  expect(formatCosine(0.5)).toBe("0.5000");
  await user.keyboard("?");
  expect(screen.queryByRole("dialog")).toBeNull();
  await user.keyboard("h");
  const help = await screen.findByRole("dialog", { name: "Keys and glossary" });
  expect(within(help).getByText("Keys and glossary", { selector: "dt" }).parentElement?.textContent).toMatch(/H$/);
  expect(within(help).getByText("Add a folder").parentElement?.textContent).toMatch(/P$/);
});
