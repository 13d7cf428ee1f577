import { describe, expect, test } from "vitest";
import { fakeContext } from "../../../test/builders/fake-context.ts";
import { fc } from "../../../test/builders/properties.ts";
import { progressView } from "./progress.ts";
import { styleFor } from "./style.ts";
import { type Column, tableLines } from "./table.ts";
import { displayWidth, fit, padEnd, wrap } from "./width.ts";

describe("widths", () => {
  test.each([
    ["lora", 4],
    ["‖ΔW‖", 4],
    ["模型", 4],
    ["e\u0301", 1],
    ["👍🏽", 2],
    ["σ₁", 2],
    ["ｆ", 2],
    ["", 0],
  ])("%s takes %i columns", (text, width) => expect(displayWidth(text)).toBe(width));

  test("cutting keeps within the width and marks the cut", () => {
    expect(fit("模型模型", 5)).toBe("模型…");
    expect(fit("模型", 4)).toBe("模型");
    const words = fc.string({ unit: fc.constantFrom("a", "模", "e\u0301", "👍🏽", " ") });
    fc.assert(
      fc.property(words, fc.integer({ min: 1, max: 12 }), (text, width) => {
        expect(displayWidth(fit(text, width))).toBeLessThanOrEqual(width);
        expect(displayWidth(padEnd(fit(text, width), width))).toBe(width);
      }),
    );
  });

  test("a percent sign stays with its number, indents stay", () => {
    expect(wrap("relative change 17.4 % here", 21, "  ")).toEqual(["relative change", "  17.4 % here"]);
    expect(wrap("  tip: save it again", 12, "    ")).toEqual(["  tip: save", "    it again"]);
  });
});

describe("tables", () => {
  const columns: Column[] = [
    { title: "run", align: "left", flexible: { minimum: 4 } },
    { title: "k", align: "right" },
    { title: "time", align: "right", droppable: 1 },
  ];
  const rows = [
    ["lora-rank-16", "10", "1.84 s"],
    ["模型", "9", "3 ms"],
  ];

  test("wide enough: two spaces between columns, numbers to the right", () => {
    expect(tableLines(columns, rows, 40)).toEqual([
      "run            k    time",
      "lora-rank-16  10  1.84 s",
      "模型           9    3 ms",
    ]);
  });

  test("narrower: gaps, then the name, then the least important column", () => {
    expect(tableLines(columns, rows, 22)[1]).toBe("lora-rank-16 10 1.84 s");
    expect(tableLines(columns, rows, 18)[1]).toBe("lora-ra… 10 1.84 s");
    expect(tableLines(columns, rows, 10)).toEqual(["run      k", "lora-r… 10", "模型     9"]);
  });

  test("no line is wider than asked while the minimum fits", () => {
    const cell = fc.string({ unit: fc.constantFrom("a", "模", "1"), maxLength: 20 });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(cell, fc.constant("10"), cell)),
        fc.integer({ min: 7, max: 60 }),
        (cells, width) => {
          for (const line of tableLines(columns, cells, width)) expect(displayWidth(line)).toBeLessThanOrEqual(width);
        },
      ),
    );
  });
});

describe("colour", () => {
  test.each([
    [{}, 80, true],
    [{ NO_COLOR: "1" }, 80, false],
    [{ NO_COLOR: "" }, 80, true],
    [{ TERM: "dumb" }, 80, false],
    [{}, undefined, false],
  ])("environment %o on a terminal of %s columns", (environment, columns, coloured) => {
    const context = fakeContext({}, { environment, ...(columns === undefined ? {} : { columns }) });
    expect(styleFor(context, context.stdout).bold("x") !== "x").toBe(coloured);
  });
});

describe("progress", () => {
  const step = (done: number) => ({
    phase: "analyze" as const,
    done,
    total: 28,
    unit: "modules",
    item: "model.layers.0.\u001b[2Jq_proj",
    elapsedSeconds: done,
    remainingSeconds: 28 - done,
  });

  test("a terminal gets one line that fits, with its controls made visible", () => {
    const { stderr } = fakeContext({}, { columns: 70 });
    const view = progressView(stderr, false);
    view.show(step(14));
    const [, drawn = ""] = stderr.text.split("\u001b[2K");
    expect(drawn).toContain("analyze ██████████░░░░░░░░░░ 14/28 modules · about 20 s left");
    expect(drawn).not.toContain("\u001b");
    expect(displayWidth(drawn)).toBeLessThanOrEqual(69);
    view.end();
    expect(stderr.text.endsWith("\r\u001b[2K")).toBe(true);
  });

  test("elsewhere the lines are calm and plain", () => {
    const { stderr } = fakeContext();
    const view = progressView(stderr, false);
    for (let done = 1; done <= 28; done += 1) view.show(step(done));
    view.show({ ...step(0), phase: "store" });
    const lines = stderr.text.trimEnd().split("\n");
    expect(lines).toHaveLength(2);
    expect(lines[0]).toBe("analyze: 1/28 modules, about 30 s left, 1.0/s, 1.00 s, model.layers.0.␛[2Jq_proj");
  });

  test("what cannot be counted yet is said in words, each once", () => {
    const { stderr } = fakeContext();
    const view = progressView(stderr, false);
    const open = { phase: "open" as const, done: 0, total: 0, unit: "steps", elapsedSeconds: 2 };
    for (const item of ["loading the base", "loading the base", "reading the data"]) view.show({ ...open, item });
    expect(stderr.text).toBe("loading the base: 2.00 s\nreading the data: 2.00 s\n");
  });

  test("--quiet is quiet", () => {
    const { stderr } = fakeContext({}, { columns: 60 });
    const view = progressView(stderr, true);
    view.show(step(3));
    view.note("x");
    view.end();
    expect(stderr.text).toBe("");
  });
});
