/** Which runs are shown, and the verdict's links. */
import { describe, expect, test } from "vitest";
import type { Finding } from "../../../../src/contract/domain/finding.ts";
import { appRunOf, moduleRowOf } from "../../../../test/builders/module-rows.ts";
import { evidenceLink, verdict } from "./findings.ts";
import { chooseRuns, foldedRuns, toggleFold } from "./runs.ts";

const [a, b, c] = ["A", "B", "C"].map((letter) => appRunOf(letter)) as [
  ReturnType<typeof appRunOf>,
  ReturnType<typeof appRunOf>,
  ReturnType<typeof appRunOf>,
];

describe("runs", () => {
  const otherBase = appRunOf("D", { base: { ...a.base, fingerprint: "f1" } });

  test("the named ones in their order, each once", () => {
    const { shown, others } = chooseRuns([a, b, c], { runs: `${c.id},${a.id},${c.id},gone` });
    expect(shown).toEqual([c, a]);
    expect(others).toEqual([b]);
  });

  test("without names all of one base, the fullest question of each checkpoint", () => {
    const stopped = appRunOf("E", { path: a.path, modules: 1 });
    expect(chooseRuns([a, stopped, b, otherBase], {}).shown).toEqual([a, b]);
    expect(chooseRuns([a, otherBase], { base: "f1" }).shown).toEqual([otherBase]);
    expect(chooseRuns([], {}).shown).toEqual([]);
  });

  test("the fifth and later tracks start folded; the address says otherwise", () => {
    const six = [..."ABCDEF"].map((letter) => appRunOf(letter));
    expect([...foldedRuns(six, undefined)]).toEqual(six.slice(4).map(({ id }) => id));
    expect(foldedRuns(six, "none").size).toBe(0);
    const opened = toggleFold(six, foldedRuns(six, undefined), six[4]?.id ?? "");
    expect(opened).toBe(six[5]?.id);
    expect(toggleFold(six, foldedRuns(six, opened), six[5]?.id ?? "")).toBe("none");
  });
});

describe("verdict", () => {
  const finding = (id: string, modules: string[] = []): Finding => ({
    id,
    text: id,
    parts: [],
    evidence: { view: "compare", modules },
  });
  const rows = [0, 1, 2, 3].map((layer) => moduleRowOf(a, layer, "q_proj"));
  const context = { runs: [a], rows, layers: 4, brush: undefined, search: {} };

  test("intruders, where, size or spread, old tasks", () => {
    const all = ["old-tasks", "size", "intruder-kinds", "spread", "intruders", "failed"].map((id) => finding(id));
    expect(verdict(all).map(({ id }) => id)).toEqual(["intruders", "intruder-kinds", "spread", "old-tasks"]);
    const measured = verdict([...all, finding("old-tasks-change")]);
    expect(measured.at(-1)?.id).toBe("old-tasks-change");
    const none = ["intruders", "size", "spread", "old-tasks"].map((id) => finding(id));
    expect(verdict(none).map(({ id }) => id)).toEqual(["intruders", "size", "spread", "old-tasks"]);
  });

  test("links lead to the rows behind the sentence", () => {
    const late = [2, 3].map((layer) => `model.layers.${layer}.q_proj`);
    expect(evidenceLink(finding("intruders", late), context)).toMatchObject({
      label: "Show the 2 modules",
      patch: { as: "table", q: "intruders>0" },
    });
    expect(evidenceLink(finding("intruder-kinds", late), context)).toMatchObject({
      label: "Brush layers 2–3",
      patch: { layers: "2-3" },
    });
    expect(evidenceLink(finding("intruder-kinds", late), { ...context, brush: { from: 2, to: 3 } })).toEqual({
      label: "Brushed below",
      patch: undefined,
    });
    expect(evidenceLink(finding("intruders"), context)).toBeUndefined();
    expect(evidenceLink(finding("old-tasks"), context)).toMatchObject({ label: "Measure", to: "/forgetting" });
    const measured = evidenceLink(finding("old-tasks-change"), context);
    expect(measured).toMatchObject({ label: "Open forgetting", to: "/forgetting" });
  });
});
