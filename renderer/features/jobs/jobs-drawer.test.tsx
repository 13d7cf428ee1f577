import { screen, waitFor, within } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import { type AnalysisSpec, analysisSettings } from "../../../src/contract/domain/analysis.ts";
import { editSpec } from "../../../src/contract/domain/edit.ts";
import type { Job } from "../../../src/contract/domain/job.ts";
import { fakeClient } from "../../../test/builders/fake-client.ts";
import { renderView } from "../../testing/render-view.tsx";
import { takeBack } from "../../widgets/undo.ts";
import { jobLine } from "./job-words.ts";
import { JobsDrawer } from "./jobs-drawer.tsx";

const progress = {
  phase: "analyze",
  done: 178,
  total: 252,
  unit: "modules",
  elapsedSeconds: 300,
  remainingSeconds: 125,
} as const;

const spec: AnalysisSpec = { tuned: [], settings: analysisSettings.parse({}), embeddings: false };

function job(id: string, state: Job["state"], more: Partial<Job> = {}): Job {
  return {
    id,
    question: { kind: "analysis", spec },
    title: `Analyse ${id}`,
    state,
    progress,
    error: null,
    note: null,
    queuedAt: "2026-11-22T08:00:00Z",
    finishedAt: null,
    analyses: ["abcdefabcdef0123"],
    failures: [],
    ...more,
  };
}

const edit = {
  question: { kind: "edit", spec: editSpec.parse({ edit: "merge", tuned: "/lora", out: "/out/merged" }) },
} as const;
const written = { ...progress, phase: "write", done: 3e6, total: 3e6, unit: "bytes" } as const;

const loading = { ...progress, phase: "open", done: 0, total: 0, item: "loading the base" } as const;

function open(jobs: Job[], answers: Parameters<typeof fakeClient>[0]["jobs"] = {}) {
  const client = fakeClient({ jobs: { list: () => jobs, ...answers } });
  return renderView({ path: "/compare", at: "/compare?jobs=open", component: JobsDrawer, client });
}

test.each([
  [job("a", "running"), "178 of 252 modules · about 2 min 10 s left"],
  [job("a", "running", { progress: { ...progress, done: 2 } }), "2 of 252 modules"],
  [job("a", "running", { progress: null }), "opening files"],
  [job("a", "running", { progress: loading }), "loading the base"],
  [job("a", "queued"), "waiting for its turn"],
  [job("a", "cancelled", { note: "178 modules kept" }), "cancelled · 178 modules kept"],
  [job("a", "cancelled"), "cancelled · 178 of 252 modules kept"],
  [job("a", "paused", { note: "178 of 252 modules are kept." }), "paused · 178 of 252 modules are kept."],
  [job("a", "failed", { note: "Nothing was kept." }), "stopped · Nothing was kept."],
  [job("a", "finished"), "finished · 178 of 252 modules · 5 min"],
  [job("a", "running", { question: { kind: "analysis", spec: { ...spec, memoryBytes: 2e9 } } }), /at most 2\.0 GB$/],
  [job("a", "running", { ...edit, progress: { ...written, done: 1.5e6 } }), /^1\.5 MB of 3\.0 MB/],
  [job("a", "finished", { ...edit, progress: written }), "finished · written to /out/merged · 5 min"],
])("card %#: %j", (of, line) => {
  expect(jobLine(of)).toEqual(typeof line === "string" ? line : expect.stringMatching(line));
});

test("a running job is cancelled at once and can be resumed", async () => {
  const cancel = vi.fn(() => job("a", "cancelled", { note: "178 modules kept" }));
  const resume = vi.fn(() => job("a", "queued"));
  const { user } = open([job("a", "running")], { cancel, resume });
  await user.click(await screen.findByRole("button", { name: "Cancel Analyse a" }));
  expect(cancel.mock.calls.flat()[0]).toEqual({ job: "a" });
  expect(await screen.findByText("cancelled · 178 modules kept")).toBeTruthy();
  await user.click(screen.getByRole("button", { name: "Resume" }));
  expect(await screen.findByText("waiting for its turn")).toBeTruthy();
});

test("a running job is paused, and goes on or is given up", async () => {
  const pause = vi.fn(() => job("a", "paused"));
  const cancel = vi.fn(() => job("a", "cancelled"));
  const { user } = open([job("a", "running")], { pause, cancel });
  await user.click(await screen.findByRole("button", { name: "Pause Analyse a" }));
  expect(pause.mock.calls.flat()[0]).toEqual({ job: "a" });
  expect(await screen.findByText(/^paused/)).toBeTruthy();
  expect(screen.getByRole("button", { name: "Resume" })).toBeTruthy();
  expect(screen.queryByRole("button", { name: /^Pause|^Clear/ })).toBeNull();
  await user.click(screen.getByRole("button", { name: "Cancel Analyse a" }));
  expect(await screen.findByText(/^cancelled/)).toBeTruthy();
});

test("the drawer's head is no second banner of the page", async () => {
  open([]);
  await screen.findByRole("dialog", { name: "Jobs" });
  expect(screen.queryAllByRole("banner")).toEqual([]);
});

test("a finished job leads to its runs", async () => {
  const { user, address } = open([job("a", "finished")]);
  await user.click(await screen.findByRole("link", { name: "Show result" }));
  await waitFor(() => expect(address()).toBe("/compare?runs=abcdefabcdef"));
});

test.each([
  ["training", { run: "run-1" }, "/training/run/run-1"],
  ["sweep", { id: "sweep-1" }, "/training/sweep/sweep-1"],
] as const)("a %s job leads to its page, while it runs and afterwards", async (kind, own, at) => {
  const question = { kind, spec: own } as Job["question"];
  open([job("a", "running", { question }), job("b", "finished", { question })]);
  const link = (name: string) => screen.getByRole<HTMLAnchorElement>("link", { name });
  expect(new URL((await screen.findByRole<HTMLAnchorElement>("link", { name: "Show" })).href).pathname).toBe(at);
  expect(new URL(link("Show result").href).pathname).toBe(at);
  expect(screen.queryByRole("button", { name: "Resume" })).toBeNull();
});

test("newest first; a failed one shows its error, a left-out run its own", async () => {
  const error = { code: "store.failed", message: "The database broke.", retryable: false } as const;
  const failure = {
    label: "b",
    path: "/b",
    error: { code: "source.not-found", message: "/b does not exist.", retryable: false },
  } as const;
  open([job("a", "failed", { error }), job("b", "finished", { failures: [failure] })]);
  const cards = within(await screen.findByTestId("jobs")).getAllByRole("listitem");
  expect(cards.map((card) => card.dataset.testid)).toEqual(["job-b", "job-a"]);
  expect(cards[0]?.textContent).toContain("/b does not exist.");
  expect(cards[1]?.textContent).toContain("The database broke.");
});

test("clearing hides at once, undo brings back, and the engine only hears of it when it is settled", async () => {
  const clear = vi.fn(() => []);
  const { user } = open([job("a", "finished")], { clear });
  await user.click(await screen.findByRole("button", { name: "Clear Analyse a" }));
  expect(screen.queryByTestId("job-a")).toBeNull();
  takeBack();
  expect(await screen.findByTestId("job-a")).toBeTruthy();
  expect(clear).not.toHaveBeenCalled();
});

test("an action that fails says why in the card", async () => {
  const cancel = () => Promise.reject(new Error("The engine is busy."));
  const { user } = open([job("a", "running")], { cancel });
  await user.click(await screen.findByRole("button", { name: "Cancel Analyse a" }));
  expect((await screen.findByRole("alert")).textContent).toContain("The engine is busy.");
});

test("no jobs: one sentence", async () => {
  open([]);
  expect(await screen.findByText(/^No jobs\./)).toBeTruthy();
});
