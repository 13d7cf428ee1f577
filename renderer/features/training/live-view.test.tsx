/** The live page of a run over a fake engine. */
import { screen, waitFor, within } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import type { TrainingHistory } from "../../../src/contract/domain/training.ts";
import { openEmptyWorkspace } from "../../../test/builders/demo-data.ts";
import { fakeClient } from "../../../test/builders/fake-client.ts";
import { configOf } from "../../../test/builders/fake-training.ts";
import { renderView } from "../../testing/render-view.tsx";
import { LiveView } from "./live-view.tsx";
import { liveSearch } from "./search.ts";

const { client: empty } = openEmptyWorkspace();

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
  await waitFor(() => expect(address()).toContain("q=disk"));
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
  await waitFor(() => expect(address()).toContain("log=output"));
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
