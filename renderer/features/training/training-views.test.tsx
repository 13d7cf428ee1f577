/** New run, live page and planned sweep over a fake engine whose answers the tests choose. */
import { screen, waitFor, within } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import type { Job } from "../../../src/contract/domain/job.ts";
import {
  type DataPreview,
  type Preset,
  type RecipeResolution,
  type RunConfig,
  runConfig,
  type TrainingEnvironment,
  type TrainingHistory,
} from "../../../src/contract/domain/training.ts";
import { openEmptyWorkspace } from "../../../test/builders/demo-data.ts";
import { fakeClient } from "../../../test/builders/fake-client.ts";
import { renderView } from "../../testing/render-view.tsx";
import { takeBack } from "../../widgets/undo.ts";
import { LiveView } from "./live-view.tsx";
import { NewRunView } from "./new-run-view.tsx";
import { liveSearch, newRunSearch, sweepSearch } from "./search.ts";
import { SweepView } from "./sweep-view.tsx";

const { client: empty } = openEmptyWorkspace();

const preset: Preset = {
  ...{ name: "quick-demo", title: "Quick demo", description: "A tiny base.", reference: null, rates: {} },
  ...{ values: { lora: { rank: 4 } }, sources: { "lora.rank": "paper" } },
};
const device = { id: "cpu", name: "CPU", kind: "cpu" as const, memoryBytes: 8e9, freeBytes: 6e9, bf16: false };
const ready: TrainingEnvironment = {
  ...{ python: "/usr/bin/python3", managed: false, ready: true, packages: { torch: "2.15.0" } },
  ...{ devices: [device], problems: [] },
};

function configOf(recipe: Readonly<Record<string, unknown>>): RunConfig {
  const { preset: _preset, ...own } = recipe;
  return runConfig.parse({
    run_id: "proposal",
    base: { path: "/models/base" },
    data: { files: [{ path: "/data/train.jsonl", format: "alpaca" }] },
    lora: { rank: 4 },
    ...own,
  });
}

const preview: DataPreview = {
  ...{ rows: 10, training: 9, validation: 1, steps: 4, cutShare: 0, labels: [], histogram: [{ upTo: 16, rows: 10 }] },
  tokens: { median: 8, p95: 9, maximum: 9, answers: 2 },
  checks: [],
  examples: [
    {
      ...{ key: "a", line: 3, cut: false, flippedFrom: null },
      tokens: [
        { text: "Question", id: 1, trained: false },
        { text: "\u202Eevil", id: 2, trained: false },
        { text: "Yes", id: 3, trained: true },
        { text: "<|end|>", id: 4, trained: true },
      ],
    },
  ],
};

interface Given {
  problems?: RecipeResolution["problems"];
  environment?: TrainingEnvironment;
  jobs?: Parameters<typeof fakeClient>[0]["jobs"];
}

function engine({ problems = [], environment = ready, jobs = {} }: Given = {}) {
  const start = vi.fn((_question: unknown) => ({
    ...{ id: "job-1", title: "Fine-tune", state: "queued" as const, progress: null, error: null, note: null },
    ...{ queuedAt: "2026-11-22T10:00:00.000Z", finishedAt: null, analyses: [], failures: [] },
    question: { kind: "training" as const, spec: { run: "run-1" } },
  }));
  const client = fakeClient(
    {
      jobs: { start, list: () => [], ...jobs },
      training: {
        presets: () => [preset],
        environment: () => environment,
        resolve: (asked) => {
          const recipe = "recipe" in asked ? asked.recipe : {};
          const differs = Object.keys(recipe).includes("lora") ? ["lora.rank"] : [];
          return {
            ...{
              config: configOf(recipe),
              values: configOf(recipe),
              recipe,
              preset: "quick-demo",
              differs,
              problems,
              missing: [],
              text: "",
            },
            sources: { "lora.rank": differs.length > 0 ? "recipe" : "paper", seed: "ours" },
          };
        },
        preview: () => preview,
        estimate: () => ({
          ...{ method: "lora", parts: { weights: 4e9, optimizer: 3e9 }, totalBytes: 7e9, device, fits: false },
          ...{ range: { low: 6e9, high: 8e9 }, measured: 0, disk: { neededBytes: 1e9, freeBytes: 5e9 } },
          remedy: { text: "Rank 2 needs 5 GB.", values: { lora: { rank: 2 } } },
          others: [{ method: "full", parts: { weights: 6e9, peak: 3e9 }, totalBytes: 9e9 }],
        }),
        runs: () => [],
        sweeps: () => [],
        plan: ({ sweep }) => ({
          disk: { neededBytes: 1e9, freeBytes: 5e9 },
          cells: (sweep.axes.variants ?? []).flatMap((_, variant) =>
            (sweep.axes.seed ?? [1]).map((seed) => ({
              ...{
                sha: `${variant}-${seed}`,
                variant: variant === 0 ? "full" : "lora-r4",
                seed,
                noise: 0,
                subset: null,
              },
              ...{ learningRate: 1e-4, run: null, accuracy: null, oldTasks: null, intruders: null },
              ...{ effectiveRank: null, validationLoss: null },
            })),
          ),
        }),
      },
    },
    empty,
  );
  return { client, start };
}

function valueOfField(element: HTMLElement): string {
  return (element as HTMLInputElement).value;
}

function isDisabled(element: HTMLElement): boolean {
  return (element as HTMLButtonElement).disabled;
}

function openNewRun(search = "?recipe=quick-demo", given: Given = {}) {
  const { client, start } = engine(given);
  const at = `/training/new${search}`;
  const path = "/training/new";
  return { ...renderView({ path, component: NewRunView, search: newRunSearch, client, at }), start };
}

test("an address that follows the typing late brings no view back that was left", async () => {
  const { user, address, go } = openNewRun();
  const rank = await screen.findByRole("textbox", { name: "Rank r" });
  await waitFor(() => expect(valueOfField(rank)).toBe("4"));
  await user.clear(rank);
  await user.type(rank, "8");
  go("/slow");
  await screen.findByText("at last");
  expect(address()).toBe("/slow");
});

test("every value says where it comes from; a changed one says so, stands in the address, and can be taken back", async () => {
  const { user, address } = openNewRun();
  const rank = await screen.findByRole("textbox", { name: "Rank r" });
  await waitFor(() => expect(valueOfField(rank)).toBe("4"));
  const field = rank.closest<HTMLElement>("[data-field]");
  if (!field) throw new Error("The rank stands in a field.");
  expect(within(field).getByText("paper")).toBeTruthy();
  await user.clear(rank);
  await user.type(rank, "8");
  expect(await within(field).findByText("set")).toBeTruthy();
  expect(await screen.findByText(/1 value differs from the preset/)).toBeTruthy();
  await waitFor(() =>
    expect(new URLSearchParams(address().split("?")[1]).get("recipe")).toBe(
      JSON.stringify({ preset: "quick-demo", lora: { rank: 8 } }),
    ),
  );
  await user.clear(rank);
  await waitFor(() => expect(address()).toContain("recipe=quick-demo"));
});

const card = (index: number) => ({
  ...{ ...device, id: `cuda:${index}`, kind: "cuda" as const },
  name: `Card ${index}`,
});

test("one device is no choice; several are: alone, together, and then how the model stands on them", async () => {
  const { unmount } = openNewRun();
  await screen.findByRole("textbox", { name: "Rank r" });
  expect(screen.queryByRole("combobox", { name: "Device" })).toBeNull();
  unmount();

  const environment = { ...ready, devices: [card(0), card(1), device] };
  const { user, address } = openNewRun(undefined, { environment });
  const recipe = () => JSON.parse(new URLSearchParams(address().split("?")[1]).get("recipe") ?? "{}");
  const select = await screen.findByRole("combobox", { name: "Device" });
  expect(within(select).getByRole("option", { name: "cuda:1: Card 1, 6.0 GB free" })).toBeTruthy();
  await user.selectOptions(select, "several cards together");
  await waitFor(() => expect(recipe().device).toBe("cuda:0,1"));
  expect(await screen.findByText(/^each of 2/)).toBeTruthy();
  await user.selectOptions(await screen.findByRole("combobox", { name: "Model on the devices" }), "divided among them");
  await waitFor(() => expect(recipe().sharding).toBe("full"));
  await user.click(screen.getByRole("checkbox", { name: /^cuda:0/ }));
  // What is left alone has nothing to divide.
  await waitFor(() => expect(recipe()).toEqual({ preset: "quick-demo", device: "cuda:1" }));
  expect(screen.queryByRole("combobox", { name: "Model on the devices" })).toBeNull();
});

test("a device of the recipe that is not here is shown as it is", async () => {
  openNewRun(`?recipe=${encodeURIComponent('{"device":"cuda:2,3"}')}`);
  const select = await screen.findByRole("combobox", { name: "Device" });
  await waitFor(() => expect(valueOfField(select)).toBe("cuda:2,3"));
  expect(within(select).getByRole("option", { name: "cuda:2,3, not on this machine" })).toBeTruthy();
});

test("trained tokens are marked, hidden characters shown", async () => {
  openNewRun();
  const tokens = await screen.findByTestId("tokens");
  expect([...tokens.querySelectorAll("b")].map(({ textContent }) => textContent)).toEqual(["Yes", "<|end|>"]);
  expect(tokens.textContent).toContain("⟨U+202E⟩evil");
});

test("what does not fit says so, with its margin and the other method; its remedy is one click", async () => {
  const { user, address } = openNewRun();
  const memory = within(await screen.findByTestId("memory"));
  expect(await memory.findByText("does not fit")).toBeTruthy();
  expect(memory.getByText("Rank 2 needs 5 GB.")).toBeTruthy();
  // 6 to 8 GB around 7 GB.
  expect(memory.getByText("± 14 %")).toBeTruthy();
  expect(
    memory.getByRole("img", { name: /^Full fine-tuning: about 9.0 GB of 6.0 GB free, does not fit/ }),
  ).toBeTruthy();
  expect(memory.getByTestId("disk").textContent).toBe("Disk ≈ 1.0 GB of 5.0 GB free");
  await user.click(memory.getByRole("button", { name: "Use rank 2" }));
  await waitFor(() => expect(decodeURIComponent(address())).toContain('"rank":2'));
});

test("waiting runs are moved by arrow keys on their handle, and taken out with a way back", async () => {
  const jobOf = (id: string, state: Job["state"]): Job => ({
    ...{ id, title: `Fine-tune ${id}`, state, progress: null, error: null, note: null, analyses: [], failures: [] },
    ...{ queuedAt: "2026-11-22T10:00:00.000Z", finishedAt: null },
    question: { kind: "training", spec: { run: id } },
  });
  let jobs = [jobOf("a", "running"), jobOf("b", "queued"), jobOf("c", "queued")];
  const move = vi.fn(({ job, before }: { job: string; before: string | null }) => {
    const others = jobs.filter(({ id }) => id !== job);
    const place = before === null ? others.length : others.findIndex(({ id }) => id === before);
    jobs = others.toSpliced(place, 0, jobOf(job, "queued"));
    return jobs;
  });
  const cancel = vi.fn(({ job }: { job: string }) => jobOf(job, "cancelled"));
  const resume = vi.fn(({ job }: { job: string }) => jobOf(job, "queued"));
  const { user } = openNewRun(undefined, { jobs: { list: () => jobs, move, cancel, resume } });
  const queue = within(await screen.findByTestId("queue"));
  const order = () => queue.getAllByRole("row").map((row) => row.dataset.testid);
  const handle = await queue.findByRole("button", { name: /^Move Fine-tune c/ });
  expect(queue.queryByRole("button", { name: /^Move Fine-tune a/ })).toBeNull();
  handle.focus();
  await user.keyboard("{ArrowUp}");
  await waitFor(() => expect(order()).toEqual(["queued-a", "queued-c", "queued-b"]));
  expect(move.mock.calls.map(([asked]) => asked)).toEqual([{ job: "c", before: "b" }]);
  await waitFor(() => expect(document.activeElement?.getAttribute("data-move")).toBe("c"));
  await user.keyboard("{ArrowUp}");
  expect(move).toHaveBeenCalledTimes(1);
  await user.keyboard("{ArrowDown}");
  await waitFor(() => expect(order()).toEqual(["queued-a", "queued-b", "queued-c"]));
  expect(move.mock.calls.at(-1)?.[0]).toEqual({ job: "c", before: null });

  await user.click(queue.getByRole("button", { name: "Cancel Fine-tune b" }));
  await waitFor(() => expect(order()).toEqual(["queued-a", "queued-c"]));
  takeBack();
  await waitFor(() => expect(resume.mock.calls.map(([asked]) => asked)).toEqual([{ job: "b" }]));
});

test("an error stands under its field, and nothing starts", async () => {
  const problems = [
    { field: "lora.rank", message: "The rank is above the width.", level: "error" as const, line: null },
  ];
  const { user, start } = openNewRun("?recipe=quick-demo", { problems });
  const message = await screen.findByText("The rank is above the width.");
  expect(message.closest("[data-field]")?.getAttribute("data-field")).toBe("lora.rank");
  await waitFor(() => expect(isDisabled(screen.getByRole("button", { name: "Start" }))).toBe(true));
  await user.keyboard("{Control>}{Enter}{/Control}");
  await waitFor(() => expect(document.activeElement).toBe(screen.getByRole("textbox", { name: "Rank r" })));
  expect(start).not.toHaveBeenCalled();
});

test("Ctrl Enter starts what is on screen and shows the run", async () => {
  const { user, start, address } = openNewRun();
  await screen.findByTestId("tokens");
  await user.keyboard("{Control>}{Enter}{/Control}");
  await waitFor(() => expect(address()).toBe("/training/run/run-1"));
  expect(start).toHaveBeenCalledWith({ kind: "training", spec: { recipe: { preset: "quick-demo" } } });
});

test("without a Python that trains, its card stands in the place of previews, and nothing starts", async () => {
  const missing = { code: "python.missing" as const, message: "No Python was found.", retryable: false };
  const { user, start } = openNewRun("?recipe=quick-demo", {
    environment: { ...ready, python: null, ready: false, problems: [missing] },
  });
  const card = within(await screen.findByTestId("environment"));
  expect(card.getByText("No Python was found.")).toBeTruthy();
  expect(isDisabled(card.getByRole("button", { name: "Set up Python" }))).toBe(false);
  await user.keyboard("{Control>}{Enter}{/Control}");
  expect(start).not.toHaveBeenCalled();
});

test("a planned sweep counts its grid and starts with its axes", async () => {
  const { client, start } = engine();
  const { user } = renderView({
    ...{ path: "/training/sweep/$id", component: SweepView, search: sweepSearch, client },
    at: "/training/sweep/new?recipe=quick-demo",
  });
  await user.type(await screen.findByRole("textbox", { name: "Add to Method, rank" }), "full, 4{Enter}");
  await user.type(screen.getByRole("textbox", { name: "Add to Seeds" }), "1 2{Enter}");
  expect(await screen.findByText("4 runs")).toBeTruthy();
  expect((await screen.findByTestId("sweep-disk")).textContent).toContain("disk ≈ 1.0 GB of 5.0 GB free");
  await user.click(screen.getByRole("button", { name: "Start sweep" }));
  await waitFor(() => expect(start).toHaveBeenCalled());
  expect(start.mock.calls[0]?.[0]).toMatchObject({
    kind: "sweep",
    spec: { sweep: { axes: { variants: [{ method: "full" }, { method: "lora", lora: { rank: 4 } }], seed: [1, 2] } } },
  });
});

/** Unix seconds of its first step. */
const start = Date.UTC(2026, 10, 22, 10) / 1000;
const history: TrainingHistory = {
  run: {
    ...{ id: "run-1", name: "demo", folder: "/runs/run-1", config: configOf({}), configSha: null, sweep: null },
    unattended: false,
    ...{ state: "running", step: 12, steps: 40, startedAt: "2026-11-22T10:00:00.000Z", finishedAt: null },
    ...{ finalLoss: null, checkpoint: "/runs/run-1/checkpoint-10", outputs: [], error: null },
  },
  waitsFor: null,
  progress: [1, 2].map((step) => ({
    at: start + step,
    step,
    loss: 2 / step,
    lr: 1e-4,
    grad_norm: 1,
    tps: 100,
    memory: 1e9,
  })),
  evals: [
    { at: start + 10, step: 10, task: "validation", n: 5, accuracy: null, loss: 0.7 },
    { at: start + 11, step: 10, task: "compare", n: 50, accuracy: 0.62, loss: 0.6 },
  ],
  checkpoints: [{ at: start + 12, step: 10, path: "/runs/run-1/checkpoint-10", bytes: 5e5 }],
  growth: [
    {
      ...{ step: 10, path: "/runs/run-1/checkpoint-10", relativeDelta: 0.05, intruders: { q_proj: 2, v_proj: 1 } },
      effectiveRank: { median: 2.5, low: 1, high: 3.5 },
    },
  ],
  ...{ phase: "train", warnings: [], etaSeconds: 90, memoryEstimate: null, peakMemory: 2e9 },
};

function openLive(run: Partial<TrainingHistory["run"]> = {}, more: Partial<TrainingHistory> = {}) {
  const checkpoint = vi.fn((_asked: { run: string }) => history.run);
  const stop = vi.fn((_asked: { run: string; checkpoint: boolean }) => history.run);
  const client = fakeClient(
    {
      jobs: { list: () => [] },
      training: {
        run: () => ({ ...history, ...more, run: { ...history.run, ...run } }),
        checkpoint: (asked) => checkpoint(asked),
        log: () => ({ lines: ["loading", "warning: slow disk", "<b>bold</b>"] }),
        ...{ runs: () => [], sweeps: () => [], stop: (asked) => stop(asked) },
      },
    },
    empty,
  );
  const at = "/training/run/run-1";
  return {
    ...renderView({ path: "/training/run/$id", component: LiveView, search: liveSearch, client, at }),
    stop,
    checkpoint,
  };
}

test("the live page shows step, growth and the checkpoint with its numbers", async () => {
  openLive();
  expect((await screen.findByTestId("step")).textContent).toBe("12");
  const row = within(screen.getByTestId("checkpoint-10"));
  expect(row.getAllByRole("cell").map(({ textContent }) => textContent)).toEqual([
    ...["", "62.0 %", "3", "2.5", "5.0 %", "computed", "500.0 kB", "Open in Compare"],
  ]);
  expect(screen.getByText("first at step 10")).toBeTruthy();
});

test("stopping asks whether a checkpoint is kept", async () => {
  const { user, stop } = openLive();
  await user.click(await screen.findByRole("button", { name: "Stop" }));
  await user.click(await screen.findByRole("menuitem", { name: "Stop without a checkpoint" }));
  await waitFor(() => expect(stop.mock.calls).toEqual([[{ run: "run-1", checkpoint: false }]]));
});

test("the log tells what happened; what libraries wrote is one click away, and the words searched stand in the address", async () => {
  const { user, address } = openLive();
  const log = within(await screen.findByTestId("log"));
  expect(log.getByText("step 2 loss 1.000 rate 1e−4 norm 1.00")).toBeTruthy();
  const texts = log.getAllByText(/^step 10/).map(({ textContent }) => textContent?.slice("00:00:00".length));
  expect(texts).toEqual([
    ...["step 10 validation loss 0.700, n 5", "step 10 compare 62.0 %, n 50"],
    ...["step 10 saved, 500.0 kB", "step 10 measured: 3 intruders (+3)"],
  ]);
  await user.click(log.getByRole("radio", { name: "Output" }));
  expect(await log.findByText("<b>bold</b>")).toBeTruthy();
  await user.type(log.getByRole("searchbox"), "disk");
  await waitFor(() => expect(log.queryByText("loading")).toBeNull());
  expect(log.getByText("warning: slow disk")).toBeTruthy();
  expect(address()).toContain("q=disk");
  expect(address()).toContain("log=output");
});

test("a checkpoint can be asked for while the run goes on", async () => {
  const { user, checkpoint } = openLive();
  await user.click(await screen.findByRole("button", { name: "Save now" }));
  await waitFor(() => expect(checkpoint.mock.calls).toEqual([[{ run: "run-1" }]]));
});

test("before the first step the page keeps its frame and says what is done", async () => {
  openLive({ step: 0, steps: null }, { phase: "load", progress: [], checkpoints: [], growth: [], evals: [] });
  expect((await screen.findByTestId("phase")).textContent).toBe("loading the base");
  expect(screen.getByRole("region", { name: "Gradient norm" })).toBeTruthy();
});

test.each([
  ["trainer.out-of-memory", "Start again with 16 at a time", { batch: { effective: 32, device: 16 } }],
  ["trainer.not-finite", "Start again with rate 5e−5", { learning_rate: 5e-5 }],
  ["trainer.killed", "Change the recipe", { seed: 1 }],
] as const)("a run that ended with %s says why and offers: %s", async (code, words, values) => {
  const error = { code, message: "It ended.", retryable: true };
  const { user, address } = openLive({ state: "failed", error, config: configOf({ learning_rate: 1e-4 }) });
  const card = within(await screen.findByTestId("error-card"));
  expect(card.getByText("It ended.")).toBeTruthy();
  const link = card.getByRole<HTMLAnchorElement>("link", { name: words });
  const recipe = JSON.parse(new URL(link.href).searchParams.get("recipe") ?? "{}");
  expect(recipe).toMatchObject({ ...values, base: { path: "/models/base" } });
  expect(screen.getByRole("button", { name: "Resume" })).toBeTruthy();
  await user.click(card.getByRole("button", { name: "Show output" }));
  expect(address()).toContain("log=output");
});

test("a run that waits says who has its device", async () => {
  const other = { device: "cuda:0", run: null, process: { pid: 4711, host: "box" } };
  openLive({ state: "queued", step: 0 }, { progress: [], waitsFor: other });
  const phase = await screen.findByTestId("phase");
  expect(phase.textContent).toBe("waiting for cuda:0, which another DeltaScope has (process 4711 on box)");
});

test("a silent trainer is said to be silent, and nothing is ended for it", async () => {
  openLive({ state: "stalled" });
  expect((await screen.findByTestId("stalled")).textContent).toContain("Nothing is ended for it");
  expect(screen.getByRole("button", { name: "Stop" })).toBeTruthy();
});
