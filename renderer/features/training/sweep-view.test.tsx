/** A planned sweep over a fake engine. */
import { screen, waitFor } from "@testing-library/react";
import { expect, test } from "vitest";
import { trainingEngine } from "../../../test/builders/fake-training.ts";
import { renderView } from "../../testing/render-view.tsx";
import { sweepSearch } from "./search.ts";
import { SweepView } from "./sweep-view.tsx";

test("a planned sweep counts its grid and starts with its axes", async () => {
  const { client, start } = trainingEngine();
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
