/** The list of runs over a fake engine that knows hundreds of them. */
import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { z } from "zod";
import type { TrainingRun } from "../../../src/contract/domain/training.ts";
import { openEmptyWorkspace } from "../../../test/builders/demo-data.ts";
import { fakeClient } from "../../../test/builders/fake-client.ts";
import { configOf } from "../../../test/builders/fake-training.ts";
import { renderView } from "../../testing/render-view.tsx";
import { HistoryView } from "./history-view.tsx";

const { client: empty } = openEmptyWorkspace();

function runOf(number: number): TrainingRun {
  const id = `run-${number}`;
  return {
    ...{ id, name: `boolq s${number}`, folder: `/runs/${id}`, configSha: null, sweep: null, unattended: false },
    ...{ state: "finished", step: 40, steps: 40, finalLoss: 0.3, checkpoint: null, outputs: [], error: null },
    ...{ startedAt: "2026-11-22T10:00:00.000Z", finishedAt: "2026-11-22T10:15:00.000Z" },
    config: configOf({ run_id: id, seed: number }),
  };
}

test("of hundreds of runs only those in sight are drawn; the filter looks at all of them", async () => {
  const runs = Array.from({ length: 500 }, (_, number) => runOf(number));
  const client = fakeClient({ training: { runs: () => runs, sweeps: () => [] } }, empty);
  const path = "/training/history";
  const search = z.object({ q: z.string().optional() });
  const { user } = renderView({ path, component: HistoryView, search, client });
  const panel = within(await screen.findByTestId("runs"));
  const drawn = () => panel.getAllByRole("row").map(({ dataset }) => dataset.testid);
  await waitFor(() => expect(drawn()).toContain("run-run-0"));
  expect(drawn().length).toBeLessThan(60);
  expect(panel.getByRole("table").getAttribute("aria-rowcount")).toBe("501");
  await user.type(panel.getByRole("searchbox", { name: "Filter runs" }), "s499");
  await waitFor(() => expect(drawn()).toEqual([undefined, "run-run-499"]));
  expect(panel.getByRole("heading").textContent).toBe("Runs 1 of 500");
});
