import { screen, waitFor, within } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import type { AppRun } from "../../../src/contract/domain/cells.ts";
import type { Pin } from "../../../src/contract/domain/pin.ts";
import { fakeClient } from "../../../test/builders/fake-client.ts";
import { appRunOf } from "../../../test/builders/module-rows.ts";
import { renderView } from "../../testing/render-view.tsx";
import { takeBack } from "../../widgets/undo.ts";
import { ReportDrawer } from "./report-drawer.tsx";
import { reportRuns } from "./use-save-report.ts";

function pin(id: string, changes: Partial<Pin> = {}): Pin {
  return {
    id,
    addedAt: "2026-11-22T09:41:00.000Z",
    note: "",
    view: "compare",
    title: `Pin ${id}`,
    address: `/compare?sel=${id}`,
    runs: [],
    sentences: [`Sentence ${id}.`],
    table: null,
    picture: null,
    ...changes,
  };
}

const run = (letter: string, base = "f"): AppRun => {
  const plain = appRunOf(letter);
  return { ...plain, id: `id-${letter}`, letter, base: { ...plain.base, fingerprint: base } };
};

function open(pins: Pin[], answers: object = {}, host = {}) {
  const client = fakeClient({
    report: { pins: { list: () => pins, ...answers } },
    runs: {
      all: () => [run("A"), run("B")],
      render: ({ runs }) => ({ name: "report.html", mime: "text/html", content: runs.join(), base64: false }),
    },
  });
  return renderView({ path: "/compare", at: "/compare?report=open", component: ReportDrawer, client, host });
}

const titles = () => screen.getAllByRole("heading", { level: 3 }).map(({ textContent }) => textContent);

test("pins stand in their order, and moving one tells the engine the new order", async () => {
  const arrange = vi.fn(({ pins }: { pins: string[] }) => pins.map((id) => pin(id)));
  const { user } = open([pin("a"), pin("b"), pin("c")], { arrange });
  await user.click(await screen.findByRole("button", { name: "Move Pin c up" }));
  await waitFor(() => expect(titles()).toEqual(["Pin a", "Pin c", "Pin b"]));
  expect(arrange.mock.calls[0]?.[0]).toEqual({ pins: ["a", "c", "b"] });
  expect(screen.getByRole("button", { name: "Move Pin a up" })).toHaveProperty("disabled", true);
  expect(screen.getByRole("button", { name: "Move Pin b down" })).toHaveProperty("disabled", true);
});

test("a note is kept when its field is left, once", async () => {
  const note = vi.fn(({ note: text }: { note: string }) => [pin("a", { note: text })]);
  const { user } = open([pin("a")], { note });
  const field = await screen.findByRole("textbox", { name: "Note on Pin a" });
  await user.type(field, "Look at layer 3.");
  expect(note).not.toHaveBeenCalled();
  await user.tab();
  await waitFor(() => expect(note.mock.calls.flat()[0]).toEqual({ pin: "a", note: "Look at layer 3." }));
  await user.click(field);
  await user.tab();
  expect(note).toHaveBeenCalledTimes(1);
});

test("removing hides at once, undo brings back, and the engine hears of it only when it is settled", async () => {
  const remove = vi.fn(() => []);
  const { user } = open([pin("a")], { remove });
  await user.click(await screen.findByRole("button", { name: "Remove Pin a" }));
  expect(screen.queryByTestId("pin-a")).toBeNull();
  takeBack();
  expect(await screen.findByTestId("pin-a")).toBeTruthy();
  expect(remove).not.toHaveBeenCalled();
});

test("a picture is shown as an image, and the address leads back to the view", async () => {
  const { user, address } = open([pin("a", { picture: "<svg onload='x'/>" })]);
  const card = within(await screen.findByTestId("pin-a"));
  expect(card.getByRole("img", { name: "Pin a" }).getAttribute("src")).toMatch(/^data:image\/svg\+xml/);
  await user.click(card.getByRole("button", { name: "Go to the view" }));
  await waitFor(() => expect(address()).toBe("/compare?sel=a"));
});

test("the report is saved for the runs that are pinned", async () => {
  const save = vi.fn(async (_name: string, _content: Blob) => undefined);
  const { user } = open([pin("a", { runs: ["id-B"] })], {}, { save });
  await screen.findByText(/^Of B:/);
  await user.click(screen.getByRole("button", { name: "Save the report as HTML" }));
  await waitFor(() => expect(save).toHaveBeenCalled());
  expect(await save.mock.calls[0]?.[1]?.text()).toBe("id-B");
});

test("nothing pinned: one sentence that says how", async () => {
  open([]);
  expect(await screen.findByText(/^Nothing is pinned yet\./)).toBeTruthy();
});

test("runs of the report: on screen, else pinned, else all; of one base", () => {
  const all = [run("A"), run("B"), run("C", "other")];
  const letters = (runs: readonly AppRun[]) => runs.map(({ letter }) => letter).join("");
  expect(letters(reportRuns(all, ["id-C"], [pin("a", { runs: ["id-A"] })]))).toBe("C");
  expect(letters(reportRuns(all, [], [pin("a", { runs: ["id-B", "id-C"] })]))).toBe("B");
  expect(letters(reportRuns(all, ["gone"], []))).toBe("AB");
  expect(reportRuns([], [], [])).toEqual([]);
});
