import { act, screen, waitFor, within } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import { defaultSettings, type Settings } from "../../../src/contract/domain/settings.ts";
import type { TrainingEnvironment } from "../../../src/contract/domain/training.ts";
import { openEmptyWorkspace } from "../../../test/builders/demo-data.ts";
import { fakeClient } from "../../../test/builders/fake-client.ts";
import { renderView } from "../../testing/render-view.tsx";
import { takeBack, withdraw } from "../../widgets/undo.ts";
import { SettingsView } from "./settings-view.tsx";

const { client: real, folder } = openEmptyWorkspace();

const noEnvironment = () => Promise.reject(new Error("not asked for"));

function open(
  section: string,
  stored: Partial<Settings> = {},
  environment: (question: { python?: string }) => TrainingEnvironment | Promise<TrainingEnvironment> = noEnvironment,
) {
  let settings: Settings = { ...defaultSettings, ...stored };
  const configure = vi.fn((change: Partial<Settings>) => {
    settings = { ...settings, ...change };
    return settings;
  });
  const answers = { workspace: { settings: () => settings, configure }, training: { environment } };
  const client = fakeClient(answers, real);
  const view = renderView({ path: "/settings/$section", at: `/settings/${section}`, component: SettingsView, client });
  return { ...view, configured: () => configure.mock.calls.map(([change]) => change) };
}

test("theme, density, decimal sign, digits and single keys are kept as soon as they are chosen", async () => {
  const { user, configured } = open("general");
  await user.click(await screen.findByRole("radio", { name: "Dark" }));
  await user.click(screen.getByRole("radio", { name: "Comfortable" }));
  await user.click(screen.getByRole("radio", { name: /345,6/ }));
  await user.click(screen.getByRole("radio", { name: "One more" }));
  await user.click(screen.getByRole("switch", { name: "Single keys" }));
  expect(configured()).toEqual([
    { theme: "dark" },
    { density: "comfortable" },
    { decimalSign: "," },
    { digits: "more" },
    { singleKeys: false },
  ]);
  expect(screen.getByRole<HTMLInputElement>("radio", { name: "Dark" }).checked).toBe(true);
});

test("a command gets the key that is pressed, unless another one of its place has it, and can have its first key again", async () => {
  const { user, configured } = open("general");
  const key = (shown: string) => screen.getByRole("button", { name: `Library, Next row: ${shown}` });
  await user.click(await screen.findByRole("button", { name: "Library, Next row: J" }));
  await user.keyboard("k");
  expect(screen.getByText("K is “Previous row” (Library).")).toBeTruthy();
  await user.keyboard("?");
  expect(screen.getByText("? is “Keys and glossary” (Everywhere).")).toBeTruthy();
  await user.keyboard("2");
  expect(screen.getByText("Digits open the views.")).toBeTruthy();
  await user.keyboard("{ArrowUp}");
  expect(screen.getByText("ArrowUp is not a single letter or sign.")).toBeTruthy();
  await user.keyboard("{Escape}");
  expect(key("J")).toBeTruthy();
  expect(configured()).toEqual([]);
  await user.click(key("J"));
  await user.keyboard("n");
  expect(configured()).toEqual([{ keys: { "library.next": "N" } }]);
  expect(key("N")).toBeTruthy();
  await user.click(screen.getByRole("button", { name: "Reset Library, Next row" }));
  expect(configured()[1]).toEqual({ keys: {} });
  expect(key("J")).toBeTruthy();
});

test("a first key that was given to another command in the meantime is not taken back from it", async () => {
  const { user, configured } = open("general", { keys: { "library.next": "N", "library.add": "J" } });
  await user.click(await screen.findByRole("button", { name: "Reset Library, Next row" }));
  expect(screen.getByText("J is “Add a folder” (Library).")).toBeTruthy();
  expect(configured()).toEqual([]);
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

const environment: TrainingEnvironment = {
  ...{ python: "/env/bin/python", managed: false, ready: true, problems: [] },
  packages: { python: "3.11.7", torch: "2.15.0", transformers: "5.23.0", peft: "0.21.2" },
  devices: [{ id: "cpu", name: "AMD EPYC", kind: "cpu", memoryBytes: 1, freeBytes: 1, bf16: true }],
};

test("a Python is kept when its field is left, and its check says what it has or what it lacks", async () => {
  const asked: unknown[] = [];
  const message = '"/other/python" lacks torch.';
  const problem = { code: "python.packages" as const, message, retryable: false, tip: "Run pip." };
  const { user, configured } = open("compute", {}, (question) => {
    asked.push(question);
    if (question.python === "/env/bin/python") return environment;
    return { ...environment, python: null, ready: false, problems: [problem] };
  });
  const field = await screen.findByRole("textbox", { name: "Python" });
  await user.type(field, "/env/bin/python{Enter}");
  expect(configured()).toEqual([{ python: "/env/bin/python" }]);
  await user.click(screen.getByRole("button", { name: "Check" }));
  expect(await screen.findByText(/Python 3\.11\.7, torch 2\.15\.0.*AMD EPYC/)).toBeTruthy();
  await user.clear(field);
  await user.type(field, "/other/python{Enter}");
  await user.click(screen.getByRole("button", { name: "Check" }));
  expect(await screen.findByText(/lacks torch/)).toBeTruthy();
  expect(asked).toEqual([
    { refresh: true, python: "/env/bin/python" },
    { refresh: true, python: "/other/python" },
  ]);
  await user.clear(field);
  await user.tab();
  expect(configured().at(-1)).toEqual({ python: null });
});

test("what becomes of fine-tunes when the app ends is the user's choice", async () => {
  const { user, configured } = open("compute");
  const closing = within(await screen.findByRole("group", { name: "Fine-tunes when the app closes" }));
  expect(closing.getByRole<HTMLInputElement>("radio", { name: "Save and stop" }).checked).toBe(true);
  expect(screen.getByText(/^A run saves after its current step and stops/)).toBeTruthy();
  await user.click(closing.getByRole("radio", { name: "Keep training" }));
  expect(await screen.findByText(/A sweep goes on with its next run then/)).toBeTruthy();
  const choice = within(screen.getByRole("group", { name: "Fine-tunes at the next start" }));
  expect(choice.getByRole<HTMLInputElement>("radio", { name: "Wait to be resumed" }).checked).toBe(true);
  await user.click(choice.getByRole("radio", { name: "Go on by themselves" }));
  expect(configured()).toEqual([{ trainingsAtClose: "keep-training" }, { resumeTrainings: true }]);
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
  const clear = await screen.findByRole("button", { name: "Clear the cache" });
  await waitFor(() => expect(shown()).toBe("3.0 MB"));
  await user.click(clear);
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

test("the Hub on request or not at all, telemetry none; an unknown section shows the first", async () => {
  const { user, configured, go } = open("privacy");
  expect(await screen.findByText(/none is downloaded before you say so/)).toBeTruthy();
  await user.click(screen.getByRole("radio", { name: "Off" }));
  await waitFor(() => expect(configured()).toEqual([{ network: "off" }]));
  expect(await screen.findByText(/Nothing leaves this machine/)).toBeTruthy();
  expect(screen.getByText("there is none")).toBeTruthy();
  go("/settings/nonsense");
  expect(await screen.findByRole("region", { name: "General" })).toBeTruthy();
});
