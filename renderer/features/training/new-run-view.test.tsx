/** A new run: its recipe, previews and queue, over a fake engine whose answers the tests choose. */
import { screen, waitFor, within } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import type { Job } from "../../../src/contract/domain/job.ts";
import { device, type Given, ready, trainingEngine } from "../../../test/builders/fake-training.ts";
import { renderView } from "../../testing/render-view.tsx";
import { takeBack } from "../../widgets/undo.ts";
import { NewRunView } from "./new-run-view.tsx";
import { newRunSearch } from "./search.ts";

function valueOfField(element: HTMLElement): string {
  return (element as HTMLInputElement).value;
}

function isDisabled(element: HTMLElement): boolean {
  return (element as HTMLButtonElement).disabled;
}

function openNewRun(search = "?recipe=quick-demo", given: Given = {}) {
  const { client, start } = trainingEngine(given);
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
