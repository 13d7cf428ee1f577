/** The Library on the finished demo, on an empty workspace, and on hostile items. */
import { screen, waitFor, within } from "@testing-library/react";
import { beforeAll, expect, test, vi } from "vitest";
import type { Inspection } from "../../../src/contract/domain/checkpoint.ts";
import type { Job } from "../../../src/contract/domain/job.ts";
import type { LibraryItem } from "../../../src/contract/domain/library.ts";
import { DeltaScopeError } from "../../../src/contract/errors.ts";
import { openDemoData, openEmptyWorkspace } from "../../../test/builders/demo-data.ts";
import { fakeClient, refusal } from "../../../test/builders/fake-client.ts";
import { renderView } from "../../testing/render-view.tsx";
import { takeBack } from "../../widgets/undo.ts";
import { LibraryView } from "./library-view.tsx";
import { librarySearch } from "./search.ts";

const demo = openDemoData();
const empty = openEmptyWorkspace();
let items: LibraryItem[];
const named = (label: string) => items.find((item) => item.label === label) as LibraryItem;

beforeAll(async () => {
  items = await demo.client.library.list();
});

function open(client = demo.client, at = "/library", host = {}) {
  return renderView({ path: "/library", component: LibraryView, search: librarySearch, client, at, host });
}

const row = (item: LibraryItem) => screen.findByTestId(`row-${item.id}`);
/** Makes an item the current one, which keys act on. */
async function select(user: ReturnType<typeof open>["user"], item: LibraryItem) {
  await user.click(await row(item));
  await waitFor(async () => expect((await row(item)).classList).toContain("current"));
}
const cells = async (item: LibraryItem) =>
  [...(await row(item)).querySelectorAll("td")].map((cell) => cell.textContent);

test("every item stands under its base with the facts of its header", async () => {
  open();
  const adapter = await cells(named("lora-r16"));
  // Rank 16, alpha 32; 7 kinds × 4 layers of A and B: 16 · Σ(in + out) = 155 648 parameters, bf16.
  expect(adapter).toEqual([
    "Flora-r16",
    "LoRA",
    "155.6 k",
    "bf16",
    "4",
    "16, 32",
    expect.stringMatching(/kB$/),
    "28 of 28 paired",
    "analysed",
  ]);
  const base = await cells(named("base"));
  expect(base.slice(1, 5)).toEqual(["base", "919.7 k", "bf16", "4"]);
  expect(base.at(-1)).toBe("8 tuned");
  expect((await cells(named("dora-r4"))).slice(1, 2)).toEqual(["DoRA"]);
  expect((await cells(named("fft"))).slice(1, 3)).toEqual(["FFT", "919.7 k"]);
});

test("the panel names scale with its formula, checks against the base, and files", async () => {
  const { user } = open();
  await select(user, named("lora-r4"));
  const panel = within(await screen.findByTestId("item-panel"));
  expect((await panel.findByText("Scale")).parentElement?.textContent).toContain("α / r = 8 / 4 = 2");
  expect(panel.getByText(/adapter_config.json: lora_alpha, r; use_rslora false/)).toBeDefined();
  expect(panel.getByText("28 of 28 modules found, shapes agree")).toBeDefined();
  expect(panel.getByText("The configuration names this base")).toBeDefined();
  expect(panel.getByText("adapter_model.safetensors")).toBeDefined();
  const lineage = within(panel.getByRole("list", { name: "Lineage" }));
  expect(lineage.getAllByRole("listitem").map((entry) => entry.textContent)).toEqual([
    "0basebase",
    "Dlora-r4LoRA, this item",
  ]);
});

test("selection, cursor and filter stand in the address", async () => {
  const { user, address } = open();
  await select(user, named("fft"));
  await user.keyboard(" ");
  await waitFor(async () => expect((await row(named("fft"))).ariaSelected).toBe("true"));
  await user.keyboard("j");
  await waitFor(async () => expect((await row(named("fft-hot"))).classList).toContain("current"));
  await user.keyboard(" ");
  await waitFor(() => expect(address()).toContain(`picked=${named("fft").id},${named("fft-hot").id}`));
  expect(await screen.findByRole("button", { name: "Compare 2 runs" })).toBeDefined();
  await user.type(screen.getByRole("searchbox"), "dora");
  await waitFor(() => expect(address()).toContain("q=dora"));
  await waitFor(() => expect(screen.queryByTestId(`row-${named("fft").id}`)).toBeNull());
  expect(await row(named("dora-r4"))).toBeDefined();
});

test("stored runs open in Compare without a new job, in the order of their letters", async () => {
  const start = vi.fn();
  const client = fakeClient({ jobs: { start } }, demo.client);
  const picked = [named("dora-r4"), named("fft")].map(({ id }) => id).join(",");
  const { user, address } = open(client, `/library?picked=${picked}`);
  await user.click(await screen.findByRole("button", { name: "Compare 2 runs" }));
  const runs = await demo.client.runs.all();
  const ids = ["fft", "dora-r4"].map((label) => runs.find((run) => run.label === label)?.id);
  await waitFor(() => expect(address()).toBe(`/compare?runs=${ids.join(",")}`));
  expect(start).not.toHaveBeenCalled();
});

test("removing keeps the files and can be taken back", async () => {
  const { user } = open();
  await select(user, named("lora-r64"));
  await user.keyboard("{Delete}");
  await waitFor(() => expect(screen.queryByTestId(`row-${named("lora-r64").id}`)).toBeNull());
  expect((await demo.client.library.list()).map(({ label }) => label)).not.toContain("lora-r64");
  takeBack();
  expect(await row(named("lora-r64"))).toBeDefined();
  expect(await demo.client.library.list()).toHaveLength(items.length);
});

test("what cannot be taken back is told", async () => {
  const library = {
    remove: async () => items.filter(({ label }) => label !== "lora-r64"),
    restore: () => Promise.reject(new Error("The disk is full.")),
  };
  const { user } = open(fakeClient({ library }, demo.client));
  await select(user, named("lora-r64"));
  await user.keyboard("{Delete}");
  await waitFor(() => expect(screen.queryByTestId(`row-${named("lora-r64").id}`)).toBeNull());
  takeBack();
  expect(await screen.findByText(/The disk is full\./)).toBeDefined();
});

test("an empty workspace offers the demo, a folder and the cache", async () => {
  open(empty.client);
  expect(await screen.findByRole("heading", { name: "No checkpoints yet" })).toBeDefined();
  const names = ["Open demo", "Choose folder", "Scan cache"];
  for (const name of names) expect(screen.getByRole("button", { name })).toBeDefined();
});

test("a browser explains a drop and leads to the folder browser, the desktop opens the paths", async () => {
  const { user, unmount } = open();
  await row(named("base"));
  dropFiles();
  expect(await screen.findByText("A browser does not say where a dropped file lies.")).toBeDefined();
  await user.click(within(screen.getByTestId("drop-note")).getByRole("button", { name: "Choose folder" }));
  expect(await screen.findByRole("dialog", { name: "Choose a folder on this machine" })).toBeDefined();
  unmount();

  const add = vi.fn(async () => []);
  open(fakeClient({ library: { add } }, demo.client), "/library", {
    kind: "desktop",
    pathsOf: () => ["/models/a", "/models/b"],
  });
  await row(named("base"));
  dropFiles();
  await waitFor(() => expect(add).toHaveBeenCalledWith({ paths: ["/models/a", "/models/b"] }));
});

test("an error of an act is said with its remedy, and the list stays", async () => {
  const error = new DeltaScopeError("hub.not-found", "The Hub has no owner/name that is open to you.");
  const inspect = () => Promise.reject(refusal(error));
  const { user } = open(fakeClient({ inspect }, demo.client));
  await user.type(await screen.findByLabelText("Hub id"), "owner/name{Enter}");
  const card = within(await screen.findByTestId("add-error"));
  expect(card.getByText(/has no owner\/name/)).toBeDefined();
  expect(card.getByText("hub.not-found")).toBeDefined();
  expect(await row(named("base"))).toBeDefined();
});

const onHub = (): Inspection => ({
  ...(named("lora-r4").inspection as Inspection),
  ...{ repository: "owner/lora", revision: "f".repeat(40) },
  hub: {
    ...{ licence: "apache-2.0", gated: true, bytes: 3_000_000, missingBytes: 2_000_000 },
    files: [
      { name: "adapter_config.json", bytes: 1_000_000, here: true },
      { name: "adapter_model.safetensors", bytes: 2_000_000, here: false },
    ],
  },
});

test("a model of the Hub is shown with its terms, and loaded at the commit that was shown", async () => {
  const start = vi.fn(async () => queuedJob);
  const inspect = vi.fn(async () => onHub());
  const { user } = open(fakeClient({ inspect, jobs: { start } }, demo.client));
  await user.type(await screen.findByLabelText("Hub id"), "https://huggingface.co/owner/lora@v2{Enter}");
  const sheet = within(await screen.findByTestId("hub-sheet"));
  expect(inspect.mock.calls[0]).toMatchObject([{ path: "hf://owner/lora@v2" }]);
  for (const text of ["apache-2.0", "LORA, rank 4", "f".repeat(40)]) expect(sheet.getByText(text)).toBeDefined();
  expect(sheet.getByText(/2 files, 3.0 MB; 1.0 MB are in the Hugging Face cache already/)).toBeDefined();
  expect(sheet.getByText(/Only for people who accepted its terms/)).toBeDefined();
  expect(start).not.toHaveBeenCalled();
  await user.click(sheet.getByRole("button", { name: "Download 2.0 MB" }));
  const spec = { source: "hf://owner/lora@v2", commit: "f".repeat(40) };
  await waitFor(() => expect(start.mock.calls[0]).toMatchObject([{ kind: "download", spec }]));
  await waitFor(() => expect(screen.queryByTestId("hub-sheet")).toBeNull());
});

test("a model in the cache is added at once; what is no id is said in the field", async () => {
  const add = vi.fn(async () => []);
  const inspect = async () => ({ ...onHub(), hub: null });
  const { user } = open(fakeClient({ inspect, library: { add } }, demo.client));
  const field = await screen.findByLabelText("Hub id");
  await user.type(field, "../../etc/passwd{Enter}");
  expect(await screen.findByText("A Hub id reads owner/name.")).toBeDefined();
  for (const page of ["owner", "datasets/owner/name", "owner/name/discussions"]) {
    await user.clear(field);
    await user.type(field, `https://huggingface.co/${page}{Enter}`);
    expect(await screen.findByText("A Hub id reads owner/name.")).toBeDefined();
  }
  await user.clear(field);
  await user.type(field, "owner/lora{Enter}");
  await waitFor(() => expect(add).toHaveBeenCalledWith({ paths: ["hf://owner/lora"] }));
});

test.each([
  ["https://huggingface.co/owner/lora/", "hf://owner/lora"],
  ["https://huggingface.co/owner/lora/tree/main?show=all#files", "hf://owner/lora@main"],
  ["https://huggingface.co/owner/lora/blob/refs%2Fpr%2F1/config.json", "hf://owner/lora@refs/pr/1"],
])("a page of the Hub as pasted: %s", async (page, path) => {
  const inspect = vi.fn(async () => onHub());
  const { user } = open(fakeClient({ inspect }, demo.client));
  await user.type(await screen.findByLabelText("Hub id"), `${page}{Enter}`);
  await screen.findByTestId("hub-sheet");
  expect(inspect.mock.calls[0]).toMatchObject([{ path }]);
});

test("the base that an adapter names is looked for on the Hub", async () => {
  const inspect = vi.fn(async () => onHub());
  const alone = { ...named("lora-r4"), base: null };
  const { user } = open(
    fakeClient({ inspect, library: { list: () => [adapterNaming(alone, "owner/base")] } }, demo.client),
  );
  await user.click(await screen.findByRole("button", { name: "Find base" }));
  await user.click(await screen.findByRole("button", { name: "Look for it on the Hub" }));
  await waitFor(() => expect(inspect.mock.calls[0]).toMatchObject([{ path: "hf://owner/base" }]));
});

function adapterNaming(item: LibraryItem, baseModel: string): LibraryItem {
  const { inspection } = item;
  if (!inspection?.adapter) throw new Error("This is no adapter.");
  return { ...item, inspection: { ...inspection, adapter: { ...inspection.adapter, baseModel } } };
}

const queuedJob: Job = {
  question: { kind: "download", spec: { source: "hf://owner/lora@v2" } },
  ...{ id: "download-1", title: "owner/lora from the Hub", state: "queued", progress: null, error: null, note: null },
  ...{ queuedAt: "2026-01-01T00:00:00Z", finishedAt: null, analyses: [], failures: [] },
};

test("what is noted about a base stands in its panel, with its tip", async () => {
  const base = structuredClone(named("base"));
  const note = {
    code: "checkpoint.dequantised",
    severity: "info",
    message: "14 weights are FP8.",
    where: "x",
    tip: "Compare.",
  };
  base.inspection?.alerts.push(note as Inspection["alerts"][number]);
  const { user } = open(fakeClient({ library: { list: async () => [base] } }));
  expect((await cells(base)).join()).toContain("1 note");
  await user.click(await row(base));
  const panel = within(await screen.findByTestId("item-panel"));
  expect(panel.getByText("14 weights are FP8. Compare.")).toBeDefined();
});

test("hostile names are plain text: no markup, no direction marks, no endless line", async () => {
  const label = `<img src=x onerror=alert(1)>\u202Eabc\u0007${"y".repeat(100_000)}`;
  const hostile = { ...named("lora-r4"), id: "hostile", label, path: `/models/${label}` };
  const { container } = open(
    fakeClient({ library: { list: () => [...items, hostile] } }, demo.client),
    "/library?item=hostile",
  );
  const [name] = await cells(hostile);
  expect(name).toContain("<img src=x onerror=alert(1)>⟨U+202E⟩abc␇y");
  expect(container.querySelector("img")).toBeNull();
  for (const mark of ["\u202E", "\u0007"]) expect(container.textContent).not.toContain(mark);
  expect(container.textContent?.length).toBeLessThan(6000);
});

test("ten thousand items scroll: only some rows are in the page", async () => {
  const many = Array.from({ length: 10_000 }, (_, index) => ({
    ...named("fft"),
    id: `i${index}`,
    label: `run ${index}`,
  }));
  open(fakeClient({ library: { list: () => [named("base"), ...many] } }, demo.client));
  await row(many[0] as LibraryItem);
  expect(screen.getAllByRole("row").length).toBeLessThan(200);
  expect(screen.getByRole("treegrid").getAttribute("aria-rowcount")).toBe("10002");
});

function dropFiles() {
  const event = new Event("drop", { bubbles: true, cancelable: true });
  window.dispatchEvent(Object.assign(event, { dataTransfer: { types: ["Files"], files: [new File(["x"], "a")] } }));
}
