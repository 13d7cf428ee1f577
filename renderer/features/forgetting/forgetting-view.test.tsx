/** Forgetting over the demo's runs, with answers whose counts the tests choose. */
import { screen, waitFor, within } from "@testing-library/react";
import { beforeAll, expect, test, vi } from "vitest";
import type { KnownTask } from "../../../src/contract/api.ts";
import type { AuditSpec } from "../../../src/contract/domain/audit.ts";
import type { AppRun } from "../../../src/contract/domain/cells.ts";
import type { HubPlan, HubSelection } from "../../../src/contract/domain/hub.ts";
import type { Job } from "../../../src/contract/domain/job.ts";
import { DeltaScopeError } from "../../../src/contract/errors.ts";
import { formatAccuracy, formatPoints } from "../../../src/contract/format.ts";
import { type AuditAnswers, auditDocumentOf, hostileItem } from "../../../test/builders/audit-document.ts";
import { openDemoData, openEmptyWorkspace } from "../../../test/builders/demo-data.ts";
import { fakeClient, refusal } from "../../../test/builders/fake-client.ts";
import { renderView } from "../../testing/render-view.tsx";
import { ForgettingView } from "./forgetting-view.tsx";
import { forgettingSearch } from "./search.ts";

const { client: demo } = openDemoData();
const { client: empty } = openEmptyWorkspace();
let runs: AppRun[];
let first: AppRun;
let second: AppRun;
let question: AuditSpec;
let answers: AuditAnswers;

beforeAll(async () => {
  runs = await demo.runs.all();
  const [one, two] = runs;
  if (!one || !two) throw new Error("The demo has two runs and more.");
  [first, second] = [one, two];
  question = {
    base: first.base.path,
    tuned: [first, second].map(({ label, path }) => ({ label, path })),
    tasks: [
      { name: "facts", file: "/tasks/facts.jsonl", role: "retain" },
      { name: "compare", file: "/tasks/compare.jsonl", role: "new" },
      { name: "sums", file: "/tasks/sums.jsonl", role: "retain" },
    ],
    settings: { vocab: "model", seed: 0, chatTemplate: false },
    ...{ lambdas: [], arms: ["scale", "step"], which: "strongest", k: 10, epsilon: 0.5, sequence: false },
  };
  answers = {
    base: { facts: [90, 100], sums: [80, 100], compare: [50, 100] },
    measured: [
      { label: first.label, tasks: { facts: [12, 2, 0.02], sums: [4, 3, 1], compare: [5, 45, 0.0001] } },
      { label: second.label, tasks: { facts: [3, 3, 1], sums: [1, 1, 1], compare: [2, 40, 0.0001] } },
      { label: first.label, lambda: 0.5, tasks: { facts: [5, 2, 0.9], sums: [3, 3, 1], compare: [6, 40, 0.0001] } },
      {
        ...{ label: first.label, lambda: 0.5, arm: "step" as const },
        tasks: { facts: [4, 2, 0.9], sums: [3, 3, 1], compare: [6, 41, 0.0001] },
      },
    ],
  };
});

const known: KnownTask[] = ["facts", "compare"].map((name) => ({
  ...{ name, definition: null, title: `Demo: ${name}`, kind: "choice", repository: null, items: 100 },
  ...{ role: name === "compare" ? ("new" as const) : ("retain" as const), file: `/program/demo/tasks/${name}.jsonl` },
}));

interface Given {
  questions?: AuditSpec[];
  stored?: (spec: AuditSpec) => ReturnType<typeof auditDocumentOf>;
  start?: (question: Job["question"]) => Job;
  jobs?: Job[];
  tasks?: () => KnownTask[];
  plan?: (question: { source: string; select: HubSelection | null }) => HubPlan;
  browse?: (question: { folder?: string | undefined }) => Awaited<ReturnType<typeof demo.library.browse>>;
}

function queued(asked: Job["question"]): Job {
  return {
    ...{ id: "job-1", question: asked, title: "Forgetting", state: "queued", progress: null, error: null, note: null },
    ...{ queuedAt: "2026-11-22T10:00:00.000Z", finishedAt: null, analyses: [], failures: [] },
  };
}

function open(search = "", given: Given = {}) {
  const start = vi.fn(given.start ?? queued);
  const { plan } = given;
  const client = fakeClient(
    {
      audit: {
        questions: () => given.questions ?? [question],
        stored: (spec) => (given.stored ?? ((asked) => auditDocumentOf(asked, answers)))(spec as AuditSpec),
        item: ({ task, index, ...spec }) => hostileItem(spec as AuditSpec, task, index),
        plan: (spec) => ({
          ...{ variants: 1 + spec.tuned.length, items: 600, stored: 0, tokens: 9000, peakMemoryBytes: 2e8 },
          estimatedSeconds: 42,
          detectable: spec.tasks.map(({ name }) => ({ task: name, items: 100, difference: 0.089 })),
        }),
      },
      evaluation: { tasks: given.tasks ?? (() => known) },
      ...(plan && { hub: { plan: ({ source, select = null }) => plan({ source, select }) } }),
      ...(given.browse && { library: { browse: given.browse } }),
      jobs: { start: (asked) => start(asked as Job["question"]), list: () => [...(given.jobs ?? [])] },
    },
    demo,
  );
  const view = renderView({
    path: "/forgetting",
    component: ForgettingView,
    search: forgettingSearch,
    client,
    at: `/forgetting${search}`,
  });
  return { ...view, start };
}

const cell = (column: string, task: string) => screen.findByTestId(`cell-${column}-${task}`);

test("new task first, then old ones, then all old ones together; every cell says what the document says", async () => {
  open();
  const table = within(await screen.findByTestId("panel-tasks"));
  const heads = table.getAllByRole("rowheader").map(({ textContent }) => textContent);
  expect(heads.map((text) => text?.replace(/n \d+$/, ""))).toEqual([
    "comparenew",
    "facts",
    "sums",
    "Old tasks, pooled",
  ]);
  const facts = await cell(`${first.letter}-1`, "facts");
  expect(facts.textContent).toBe(`${formatPoints(-0.1)}−12 +2 · p 0.02`);
  expect((await cell(`${first.letter}-1`, "pooled")).textContent).toBe(`${formatPoints(-11 / 200)}−16 +5`);
  expect(table.getByText(formatAccuracy(0.85))).toBeDefined();
});

test("bold and filled only where it is more than chance", async () => {
  open();
  const facts = await cell(`${first.letter}-1`, "facts");
  const sums = await cell(`${first.letter}-1`, "sums");
  const look = (of: HTMLElement) => [of.querySelector(".strong") !== null, markFill(of)];
  expect(look(facts)).toEqual([true, `var(--run-${first.letter})`]);
  expect(look(sums)).toEqual([false, "var(--panel)"]);
});

function markFill(of: HTMLElement): string | null | undefined {
  return of.querySelector("svg :is(circle, rect, path)")?.getAttribute("fill");
}

test("an intervention is a column that is not saved; λ comes from the address", async () => {
  open("?lambda=0.5");
  expect((await cell(`${first.letter}-0.5`, "facts")).textContent).toContain("−5 +2");
  expect(screen.getByTestId(`column-${first.letter}-0.5`).textContent).toContain("at λ 0.50· pp, not saved");
});

test("what is missing is the word measure, and asks for just that", async () => {
  const { user, start } = open("?lambda=0.3");
  await user.click(await screen.findByRole("button", { name: `Measure facts of ${first.label} at λ 0.30` }));
  expect(start).toHaveBeenCalledTimes(1);
  expect(start.mock.calls[0]?.[0]).toMatchObject({
    kind: "audit",
    spec: { tuned: [{ label: first.label, path: first.path }], lambdas: [0.3], tasks: question.tasks },
  });
  await waitFor(async () => expect((await cell(`${first.letter}-0.3`, "facts")).dataset.state).toBe("waiting"));
});

test("Enter on a point of the sweep takes its λ everywhere; D shows its numbers", async () => {
  const { user, address } = open("?lambda=0.9");
  const chart = await screen.findByRole("img", { name: /^compare accuracy against the change on old tasks: 2 arms/ });
  chart.focus();
  await user.keyboard("{ArrowRight}");
  expect(screen.getByRole("tooltip").textContent).toContain("intruders × λ, λ 0.50");
  await user.keyboard("{Enter}");
  await waitFor(() => expect(address()).toContain("lambda=0.5"));
  await user.keyboard("d");
  const table = await screen.findByRole("region", { name: "λ sweep, data" });
  expect(within(table).getByText("whole ΔW, same step")).toBeDefined();
});

test("a control that does as well stands on a warning ground", async () => {
  const text = "The control does as well.";
  const evidence = { view: "forgetting", modules: [] };
  const control = { id: "control-1", text, parts: [{ text }], evidence };
  const stored = (spec: AuditSpec) => auditDocumentOf(spec, { ...answers, findings: [control] });
  open("", { stored });
  const card = await screen.findByTestId("findings-control");
  expect(card.className).toContain("warning");
  expect(within(card).getByLabelText("Warning")).toBeDefined();
  expect(card.textContent).toContain(text);
});

test("J and G go through the flips; the item shows its text plainly and both probabilities", async () => {
  const { user, address, container } = open("?task=facts");
  expect(await screen.findAllByTestId(/^row-flip-/)).toHaveLength(12);
  await user.keyboard("jj");
  await waitFor(() => expect(address()).toContain("item=2"));
  const prompt = await screen.findByTestId("item-prompt");
  expect(prompt.textContent).toBe("<img src=x>first linesecond⟨U+202E⟩ line");
  expect(prompt.querySelectorAll("br")).toHaveLength(1);
  expect(container.querySelector("img")).toBeNull();
  const choices = within(screen.getByTestId("panel-item")).getAllByRole("row").slice(1);
  expect(choices.map(({ textContent }) => textContent)).toEqual([
    "Awrong one0.250.60",
    "Bright one right answer0.750.40",
  ]);
  await user.keyboard("g");
  await waitFor(() => expect(address()).toContain("flip=gained"));
  expect(await screen.findAllByTestId(/^row-flip-/)).toHaveLength(2);
});

test("how many lost items come back at λ", async () => {
  open("?task=facts&lambda=0.5");
  expect(await screen.findByText("7 come back at λ 0.50")).toBeDefined();
});

test("Evaluate: the demo's tasks are chosen, the plan says time and power, Start queues the question", async () => {
  const base = `${first.base.path}`;
  expect(base).toMatch(/\/demo\/base$/);
  const { user, start, address } = open("?sheet=evaluate", { questions: [] });
  const sheet = within(await screen.findByTestId("evaluate-sheet"));
  expect((await sheet.findByTestId("evaluate-plan")).textContent).toContain("≈ 42.0 s");
  expect(sheet.getByTestId("evaluate-plan").textContent).toContain("compare 8.9 pp");
  for (const run of runs.slice(1))
    await user.click(sheet.getByRole("checkbox", { name: new RegExp(` ${run.label}$`) }));
  await user.click(sheet.getByRole("button", { name: "Usual values" }));
  await user.click(sheet.getByRole("button", { name: "Start evaluation" }));
  await waitFor(() => expect(start).toHaveBeenCalledTimes(1));
  expect(start.mock.calls[0]?.[0]).toEqual({
    kind: "audit",
    spec: {
      base,
      tuned: [{ label: first.label, path: first.path }],
      tasks: known.map(({ name, file, role }) => ({ name, file, role })),
      settings: { vocab: "model", chatTemplate: false, seed: 0 },
      ...{ lambdas: [0.9, 0.7, 0.5, 0.3], arms: ["scale", "step", "shrink"], which: "strongest" },
      ...{ k: 10, epsilon: 0.5, sequence: false },
    },
  });
  await waitFor(() => expect(address()).toContain(`runs=${first.id}`));
  expect(address()).not.toContain("sheet");
});

test("a wrong λ stands under its field and nothing can start", async () => {
  const { user } = open("?sheet=evaluate");
  const sheet = within(await screen.findByTestId("evaluate-sheet"));
  await user.type(sheet.getByRole("textbox", { name: "λ values" }), "3");
  expect(await sheet.findByText("λ values lie between 0 and 2, divided by commas.")).toBeDefined();
  expect(sheet.getByRole<HTMLButtonElement>("button", { name: "Start evaluation" }).disabled).toBe(true);
});

test("own items are chosen as a file; neither going to a folder nor Escape touches the sheet below", async () => {
  const browse = vi.fn(({ folder }: { folder?: string | undefined }) => ({
    ...{ folder: folder ?? "/home", parent: null },
    entries: [{ name: "mine.jsonl", path: "/home/mine.jsonl", kind: "file" as const }],
  }));
  const { user, start } = open("?sheet=evaluate", { browse });
  const sheet = within(await screen.findByTestId("evaluate-sheet"));
  await user.click(sheet.getByRole("button", { name: "Add a file of items" }));
  const chooser = within(await screen.findByRole("dialog", { name: "Choose a file on this machine" }));
  await user.clear(await chooser.findByLabelText("Path"));
  await user.type(chooser.getByLabelText("Path"), "/other{Enter}");
  await waitFor(() => expect(browse).toHaveBeenLastCalledWith({ folder: "/other", files: [".jsonl", ".json"] }));
  await user.keyboard("{Escape}");
  await waitFor(() => expect(screen.queryByRole("dialog", { name: "Choose a file on this machine" })).toBeNull());
  expect(start).not.toHaveBeenCalled();
  await user.click(sheet.getByRole("button", { name: "Add a file of items" }));
  await user.click(await screen.findByRole("button", { name: "mine.jsonl" }));
  expect(within(await sheet.findByTestId("task-mine")).getByRole<HTMLInputElement>("checkbox").checked).toBe(true);
});

test("a ready-made task whose data is not here offers its download, and has its file when that has ended", async () => {
  const published: KnownTask = {
    ...{ name: "boolq", definition: "boolq", title: "BoolQ", kind: "choice", role: "retain", items: 3270, file: null },
    repository: "google/boolq",
  };
  let file: string | null = null;
  const jobs: Job[] = [];
  const plan = vi.fn(() => ({
    ...{ repository: "datasets/google/boolq", revision: "a".repeat(40), bytes: 2_000_000, missingBytes: 2_000_000 },
    ...{
      licence: "cc-by-sa-3.0",
      gated: false,
      files: [{ name: "data/validation.parquet", bytes: 2_000_000, here: false }],
    },
  }));
  const start = (asked: Job["question"]) => {
    const job = { ...queued(asked), state: "running" as const };
    jobs.push(job);
    return job;
  };
  const {
    user,
    queries,
    start: started,
  } = open("?sheet=evaluate", {
    ...{ plan, jobs, start, tasks: () => [...known, { ...published, file }] },
  });
  const sheet = within(await screen.findByTestId("evaluate-sheet"));
  await user.click(await sheet.findByRole("button", { name: "1 ready-made task" }));
  const row = within(await sheet.findByTestId("task-boolq"));
  await user.click(row.getByRole("checkbox"));
  await user.click(await row.findByRole("button", { name: "Ask the Hub" }));
  expect(await row.findByText(/licence cc-by-sa-3.0/)).toBeDefined();
  expect(plan).toHaveBeenCalledWith({ source: "hf://datasets/google/boolq", select: { task: "boolq" } });
  await user.click(row.getByRole("button", { name: "Download 2.0 MB" }));
  expect(started.mock.calls[0]?.[0]).toEqual({
    kind: "download",
    spec: { source: "hf://datasets/google/boolq", commit: "a".repeat(40), files: ["data/validation.parquet"] },
  });
  expect(await row.findByText("The download waits for its turn.")).toBeDefined();
  file = "/cache/validation.parquet";
  jobs.length = 0;
  await queries.invalidateQueries({ queryKey: ["jobs"] });
  expect(await row.findByText("3270 items · validation.parquet")).toBeDefined();
  expect(row.queryByTestId("hub-offer")).toBeNull();
});

test("nothing measured: one sentence and Measure", async () => {
  const { user, address } = open("", { questions: [] });
  await user.click(await screen.findByRole("button", { name: "Measure" }));
  await waitFor(() => expect(address()).toContain("sheet=evaluate"));
});

test("no runs: the way to the library", async () => {
  const client = fakeClient({ audit: { questions: () => [] } }, empty);
  renderView({ path: "/forgetting", component: ForgettingView, search: forgettingSearch, client });
  expect(await screen.findByRole("link", { name: "Open the library" })).toBeDefined();
});

test("a failure names itself and can be tried again", async () => {
  let broken = true;
  const stored = (spec: AuditSpec) => {
    if (broken) throw refusal(new DeltaScopeError("source.not-found", "/tasks/facts.jsonl does not exist."));
    return auditDocumentOf(spec, answers);
  };
  const { user } = open("", { stored });
  expect((await screen.findByTestId("error-card")).textContent).toContain("/tasks/facts.jsonl does not exist.");
  broken = false;
  await user.click(screen.getByRole("button", { name: "Try again" }));
  expect(await screen.findByTestId("panel-tasks")).toBeDefined();
});

test("a run that failed is said, the others stand", async () => {
  const error = { code: "source.not-found", message: "The folder is gone.", retryable: true } as const;
  const failures = [{ label: second.label, path: second.path, error }];
  const kept = answers.measured.filter(({ label }) => label !== second.label);
  open("", { stored: (spec) => auditDocumentOf(spec, { ...answers, measured: kept, failures }) });
  expect((await screen.findByTestId("failed-run")).textContent).toContain("The folder is gone.");
  expect((await cell(`${second.letter}-1`, "facts")).dataset.state).toBe("failed");
  expect((await cell(`${first.letter}-1`, "facts")).dataset.state).toBe("measured");
});
