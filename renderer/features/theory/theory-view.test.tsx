/** The Theory lab over the real engine. */
import { screen, waitFor, within } from "@testing-library/react";
import { beforeAll, describe, expect, test, vi } from "vitest";
import type { AppRun } from "../../../src/contract/domain/cells.ts";
import type { MeasuredOrder } from "../../../src/contract/domain/theory.ts";
import { DeltaScopeError } from "../../../src/contract/errors.ts";
import { formatSignificant } from "../../../src/contract/format.ts";
import { openDemoData } from "../../../test/builders/demo-data.ts";
import { fakeClient, refusal } from "../../../test/builders/fake-client.ts";
import { renderView } from "../../testing/render-view.tsx";
import { theorySearch } from "./search.ts";
import { TheoryView } from "./theory-view.tsx";

const { client } = openDemoData();
let runs: AppRun[];
beforeAll(async () => {
  runs = await client.runs.all();
});

function open(search = "", at = client) {
  return renderView({
    path: "/theory",
    component: TheoryView,
    search: theorySearch,
    client: at,
    at: `/theory${search}`,
  });
}

const simulation = () => document.querySelectorAll("[data-testid=panel-samples] [data-mean=fft]").length;

describe("curves", () => {
  test("advice, table and charts say what the engine says", async () => {
    open("?n=300&noise=1&seeds=0");
    const scale = Math.sqrt(100 / 10);
    const document = await client.theory.risk({
      ...{ k: 100, d: 100, n: 300, sigma: 1 },
      delta: { kind: "given", values: Array.from({ length: 10 }, () => scale) },
    });
    const advice = await screen.findByTestId("advice");
    expect(advice.textContent).toContain(`r ${document.best.r} has the lowest risk`);
    expect(advice.textContent).toContain(`≈ ${formatSignificant(document.best.risk)}`);
    const row = within(screen.getByTestId("risk-r2"))
      .getAllByRole("cell")
      .map(({ textContent }) => textContent);
    const two = document.curve.find(({ r }) => r === 2);
    expect(row).toEqual([
      formatSignificant(two?.bias),
      formatSignificant(two?.variance),
      `≈ ${formatSignificant(two?.risk)}`,
    ]);
    expect(within(screen.getByTestId("risk-fft")).getAllByRole("cell").at(-1)?.textContent).toBe(
      formatSignificant(document.fft?.risk),
    );
    expect(screen.getByRole("img", { name: /^Excess risk against the rank at n 300: least at r 10/ })).toBeDefined();
  });

  test("simulated means stream in behind the curves", async () => {
    open("?seeds=4");
    await waitFor(() => expect(simulation()).toBeGreaterThan(5));
  });

  test("what is superseded is cancelled", async () => {
    const signals: AbortSignal[] = [];
    const simulate = (_: unknown, options?: { signal?: AbortSignal }) => {
      if (options?.signal) signals.push(options.signal);
      return new Promise<never>(() => undefined);
    };
    const { user } = open("", fakeClient({ theory: { simulate: simulate as never } }, client));
    await waitFor(() => expect(signals).toHaveLength(1));
    const field = screen.getByRole("textbox", { name: "Examples n, number" });
    await user.clear(field);
    await user.type(field, "500");
    await waitFor(() => expect(signals.length).toBeGreaterThan(1));
    expect(signals[0]?.aborted).toBe(true);
    expect(signals.at(-1)?.aborted).toBe(false);
  });

  test("numbers and keys change the setting, and the address follows", async () => {
    const { user, address } = open("?seeds=0");
    const slider = await screen.findByRole("slider", { name: "Noise σ" });
    slider.focus();
    await user.keyboard("{ArrowRight}");
    await waitFor(() => expect(address()).toContain("noise=0.51"));
    expect((await screen.findByTestId("advice")).textContent).toContain("σ 0.51");
    await user.click(screen.getByRole("button", { name: "Remove r 2" }));
    await waitFor(() => expect(address()).toContain("ranks=10,32"));
    await user.click(screen.getByRole("button", { name: "Reset the setting" }));
    await waitFor(() => expect(address()).not.toContain("noise"));
  });

  test("n within one of d: the reason stands beside the field, other curves remain", async () => {
    open("?n=101&seeds=0");
    expect((await screen.findByTestId("setting-n")).textContent).toContain("the expected risk is infinite");
    expect(screen.queryByTestId("advice")).toBeNull();
    expect(await screen.findByRole("img", { name: /number of examples/ })).toBeDefined();
    expect(screen.getByTestId("panel-rank").textContent).toContain("infinite");
  });

  test("limits and the published checklist with its sources stand beside the advice", async () => {
    open("?seeds=0");
    const cautions = await screen.findByTestId("cautions");
    expect(cautions.textContent).toContain("Read the order of the methods and the crossovers, not the values.");
    const checklist = screen.getByTestId("checklist");
    for (const topic of ["Resources", "Forgetting", "Number of tasks"]) expect(checklist.textContent).toContain(topic);
    for (const line of checklist.querySelectorAll("li"))
      expect(line.querySelector("cite")?.textContent).toMatch(/20\d\d/);
  });

  test("a refusal of the engine is a card, the setting stays", async () => {
    const risk = () => {
      throw refusal(new DeltaScopeError("theory.invalid", "sigma is odd"));
    };
    open("?seeds=0", fakeClient({ theory: { risk } }, client));
    expect((await screen.findByTestId("error-card")).textContent).toContain("sigma is odd");
    expect(screen.getByTestId("panel-setting")).toBeDefined();
  });
});

describe("measured beside predicted", () => {
  const order: MeasuredOrder = {
    ...{ base: "/b", task: "compare", spearman: -1, pValue: 0.3, clearPairs: 1, agreeingPairs: 0, verdict: "disagree" },
    rows: [4, 16].map((r, index) => ({
      ...{ label: `lora-r${r}`, analysis: `a${r}`, r, accuracy: index === 0 ? 0.5 : 0.9, items: 100 },
      ci95: index === 0 ? [0.4, 0.6] : [0.83, 0.94],
      ...{ predictedRisk: index, predictedOrder: index + 1, measuredOrder: 2 - index },
    })),
    sentence: "The measured order disagrees with the prediction.",
  };

  test("a disagreement stands out, with accuracies and intervals", async () => {
    open("?seeds=0", fakeClient({ theory: { measured: () => order } }, client));
    const table = await screen.findByTestId("measured-order");
    expect(within(table).getByTestId("measured-lora-r16").textContent).toContain("90.0 %");
    expect(table.querySelector("[data-verdict=disagree]")?.textContent).toContain("disagrees");
  });

  test("nothing measured: the way to measure", async () => {
    open("?seeds=0");
    const link = await screen.findByRole("link", { name: "Measure" });
    expect(link.getAttribute("href")).toBe("/forgetting?sheet=evaluate");
  });
});

describe("feed", () => {
  test("a run's middle module replaces r* and decay", async () => {
    const { user, address } = open("?seeds=0");
    await user.click(await screen.findByRole("switch", { name: "Feed the measured spectrum" }));
    await waitFor(() => expect(address()).toContain(`feed=${runs[0]?.id}`));
    const spectrum = await client.theory.spectrum({ run: runs[0]?.analysis ?? "" });
    await waitFor(() => expect(screen.getByTestId("panel-feed").textContent).toContain(spectrum.module));
    expect(screen.getByTestId("setting-r").dataset.disabled).toBe("true");
    expect(screen.getByTestId("cautions").textContent).toContain(`ΔW of ${runs[0]?.label}`);
  });

  test("a run that is not there is named", async () => {
    open("?seeds=0&feed=000000000000");
    expect((await screen.findByTestId("error-card")).textContent).toContain("000000000000");
  });
});

describe("figures and notes", () => {
  test("one click: closed forms, means, crossovers, what was chosen by us", async () => {
    const figure = vi.fn(async function* (question: { name: string }) {
      for await (const event of await client.theory.figure({ ...question, name: "1b", replicates: 10 })) yield event;
    });
    const { user, address } = open("?seeds=0", fakeClient({ theory: { figure: figure as never } }, client));
    await user.click(await screen.findByRole("radio", { name: "Paper’s figures" }));
    await waitFor(() => expect(address()).toContain("show=1a"));
    await user.click(screen.getByRole("button", { name: /^Figure 1 b/ }));
    await waitFor(() => expect(address()).toContain("show=1b"));
    await waitFor(() => expect(screen.getByTestId("figure-progress").dataset.done).toBe("10"));
    expect(screen.getByTestId("chosen").textContent).toContain("parameter chosen by us");
    expect(screen.getByTestId("figure-crossovers").textContent).toMatch(/r 1\d+\.\d+ ±/);
    // Of 40 places the last one lies beyond the drawn range.
    expect(document.querySelectorAll("[data-mean='full fine-tuning']").length).toBe(39);
  });

  test("notes say what each word of standing means", async () => {
    open("?show=notes");
    expect((await screen.findByTestId("panel-standings")).textContent).toContain("± simulation");
  });
});
