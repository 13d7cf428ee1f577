import { act, screen, waitFor } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import { defaultSettings, type Settings } from "../../../src/contract/domain/settings.ts";
import { openEmptyWorkspace } from "../../../test/builders/demo-data.ts";
import { fakeClient } from "../../../test/builders/fake-client.ts";
import { renderView } from "../../testing/render-view.tsx";
import { takeBack, withdraw } from "../../widgets/undo.ts";
import { SettingsView } from "./settings-view.tsx";

const { client: real, folder } = openEmptyWorkspace();

function open(section: string, stored: Partial<Settings> = {}) {
  let settings: Settings = { ...defaultSettings, ...stored };
  const configure = vi.fn((change: Partial<Settings>) => {
    settings = { ...settings, ...change };
    return settings;
  });
  const client = fakeClient({ workspace: { settings: () => settings, configure } }, real);
  const view = renderView({ path: "/settings/$section", at: `/settings/${section}`, component: SettingsView, client });
  return { ...view, configured: () => configure.mock.calls.map(([change]) => change) };
}

test("theme, density, decimal sign and single keys are kept as soon as they are chosen", async () => {
  const { user, configured } = open("general");
  await user.click(await screen.findByRole("radio", { name: "Dark" }));
  await user.click(screen.getByRole("radio", { name: "Comfortable" }));
  await user.click(screen.getByRole("radio", { name: /345,6/ }));
  await user.click(screen.getByRole("switch", { name: "Single keys" }));
  expect(configured()).toEqual([
    { theme: "dark" },
    { density: "comfortable" },
    { decimalSign: "," },
    { singleKeys: false },
  ]);
  expect(screen.getByRole<HTMLInputElement>("radio", { name: "Dark" }).checked).toBe(true);
});

test("a limit is kept when the field is left, within what the machine has, and can be taken away", async () => {
  const { machine } = await real.workspace.info();
  const { user, configured } = open("compute", { threads: 1 });
  const threads = await screen.findByRole("textbox", { name: "Threads" });
  await user.clear(threads);
  await user.type(threads, "9999{Enter}");
  expect(configured()).toEqual([{ threads: machine.threads }]);
  const memory = screen.getByRole("textbox", { name: "Memory cap" });
  await user.type(memory, "2.5");
  await user.tab();
  expect(configured()[1]).toEqual({ memoryBytes: 2.5e9 });
  await user.click(await screen.findByRole("button", { name: "Decide by itself" }));
  expect(configured()[2]).toEqual({ memoryBytes: null });
});

test("the workspace's folder and what the doctor found are shown", async () => {
  const { go } = open("workspace");
  expect(await screen.findByText(folder)).toBeTruthy();
  go("/settings/checks");
  expect(await screen.findByText(/^DuckDB v\d/)).toBeTruthy();
});

test("clearing the cache shows at once, can be taken back, and happens when it no longer can", async () => {
  let bytes = 3e6;
  const clearCache = vi.fn(() => {
    bytes = 0;
    return { bytes };
  });
  const client = fakeClient({ workspace: { cache: () => ({ bytes }), clearCache } }, real);
  const view = { path: "/settings/$section", at: "/settings/workspace", component: SettingsView, client };
  const { user } = renderView(view);
  const shown = () => screen.getByTestId("cache-bytes").textContent;
  await user.click(await screen.findByRole("button", { name: "Clear the cache" }));
  expect(shown()).toBe("0 B");
  act(() => void takeBack());
  expect(shown()).toBe("3.0 MB");
  expect(clearCache).not.toHaveBeenCalled();
  await user.click(screen.getByRole("button", { name: "Clear the cache" }));
  act(() => withdrawNewest());
  await waitFor(() => expect(clearCache).toHaveBeenCalledTimes(1));
  await waitFor(() => expect(shown()).toBe("0 B"));
});

/** As when its eight seconds have passed. */
function withdrawNewest(): void {
  for (let id = 1; id < 50; id += 1) withdraw(id);
}

test("network off, telemetry none; an unknown section shows the first", async () => {
  const { go } = open("privacy");
  expect(await screen.findByText("off: nothing leaves this machine")).toBeTruthy();
  expect(screen.getByText("there is none")).toBeTruthy();
  go("/settings/nonsense");
  expect(await screen.findByRole("region", { name: "General" })).toBeTruthy();
});
