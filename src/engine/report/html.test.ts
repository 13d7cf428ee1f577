import { describe, expect, test } from "vitest";
import { documentOf, exampleDocument, moduleOf } from "../../../test/builders/analysis-document.ts";
import { makeAlert } from "../../contract/alerts.ts";
import { analyzeCommand } from "./html/command.ts";
import { html } from "./html/markup.ts";
import { decadeTicks, enclosingSteps, logSpacedIndices } from "./html/scale.ts";
import { renderReport } from "./html.ts";

/** Everything between < and > of a page; text cannot open a tag of its own. */
function tagsOf(page: string): string[] {
  return page.match(/<[a-z][^>]*>/gi) ?? [];
}

const attacks = [
  "<script>alert(1)</script>",
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='alert(1)",
  "</title></style><svg onload=alert(1)>",
  "&lt;b&gt;",
  "\u202egnp.\u001b[31m",
];

describe("hostile names", () => {
  test.each(attacks)("%j appears as text and nothing else", (attack) => {
    const module = moduleOf({ layer: 0, kind: attack, name: attack, intruders: 1, intruderEnergy: 0.1 });
    const document = documentOf([{ label: attack, path: attack, fingerprint: attack, modules: [module] }], {
      alerts: [{ ...makeAlert("adapter.no-effect", attack, attack), run: attack }],
      failures: [{ label: attack, path: attack, error: { code: "internal", message: attack, retryable: false } }],
    });
    const page = renderReport({
      ...document,
      base: { ...document.base, path: attack, architecture: attack, dtype: attack },
    });
    const harmless = renderReport(
      documentOf([{ label: "a", path: "a", fingerprint: "a", modules: [{ ...module, kind: "a", name: "a" }] }], {
        alerts: [{ ...makeAlert("adapter.no-effect", "a", "a"), run: "a" }],
        failures: [{ label: "a", path: "a", error: { code: "internal", message: "a", retryable: false } }],
      }),
    );
    const names = (text: string): string[] => tagsOf(text).map((tag) => tag.split(/[\s>]/)[0] ?? "");
    expect(names(page)).toEqual(names(harmless));
    for (const tag of tagsOf(page)) expect(tag.replaceAll(/"[^"]*"/g, "")).not.toMatch(/\son[a-z]+|'/i);
    for (const steering of ["\u202e", "\u001b"]) expect(page).not.toContain(steering);
  });

  test("values are escaped in text and in attributes", () => {
    expect(html`<p title="${`"'<`}">${"<&>"}${[html`<b>${1}</b>`, "<"]}</p>`.source).toBe(
      '<p title="&quot;&#39;&lt;">&lt;&amp;&gt;<b>1</b>&lt;</p>',
    );
  });
});

test("the page loads nothing and may run nothing", () => {
  const page = renderReport(exampleDocument());
  expect(page).toContain("default-src &#39;none&#39;; style-src &#39;unsafe-inline&#39;");
  expect(page).not.toMatch(/<script|<link|<iframe|<object|\ssrc=|\shref=|url\(|@import|https?:/i);
});

test("findings, runs and intruder counts stand in the page", () => {
  const page = renderReport(exampleDocument());
  const words = page.replace(/<style>.*?<\/style>/s, "").replace(/<[^>]+>/g, "");
  expect(words).toContain("lora-r4: 5 intruder dimensions in 2 of 8 modules, most in layers 2–3");
  expect(page).toContain('<span class="chip certified">certified</span>');
  expect(page.match(/class="ring"/g)).toHaveLength(3);
  expect(page).toContain("<title>layer 3, down_proj: 50.0 %, 3 intruder dimensions</title>");
});

test("the command asks the same question again, quoted for a shell", () => {
  const document = documentOf([{ label: "it's", path: "/m/my model", modules: [] }]);
  expect(analyzeCommand(document)).toBe(
    "deltascope analyze --base /models/base --tuned 'it'\\''s=/m/my model' --k 10 --epsilon 0.5 --side left",
  );
});

describe("axes", () => {
  test.each([
    [0.004, 0.17, [0.003, 0.3]],
    [0.01, 1, [0.01, 1]],
    [2, 2, [1, 3]],
  ])("%d to %d is enclosed by %j", (low, high, steps) => {
    const [below, above] = enclosingSteps(low, high);
    expect([below.toPrecision(9), above.toPrecision(9)]).toEqual(steps.map((step) => step.toPrecision(9)));
  });

  test("ticks and points are few, first and last stay", () => {
    expect(decadeTicks([1e-3, 10], 5)).toEqual([0.001, 0.01, 0.1, 1, 10]);
    expect(decadeTicks([1e-9, 1], 5)).toHaveLength(5);
    const indices = logSpacedIndices(2048, 48);
    expect(indices[0]).toBe(0);
    expect(indices.at(-1)).toBe(2047);
    expect(indices.length).toBeLessThanOrEqual(48);
    expect(indices).toEqual([...indices].sort((a, b) => a - b));
  });
});
