import { expect, test } from "vitest";
import { exampleDocument } from "../../../../test/builders/analysis-document.ts";
import type { Pin } from "../../../contract/domain/pin.ts";
import { renderReport } from "../html.ts";

function pinOf(changes: Partial<Pin> = {}): Pin {
  return {
    id: "p",
    addedAt: "2026-11-22T09:41:00.000Z",
    note: "",
    view: "compare",
    title: "Compare A: Heatmap",
    address: "/compare?runs=a",
    runs: [],
    sentences: [],
    table: null,
    picture: null,
    ...changes,
  };
}

const picture = '<svg width="4" height="4"><rect x="1" onload="alert(1)"/><script>alert(1)</script></svg>';

function pictureIn(page: string): string {
  const [, encoded = ""] = /src="data:image\/svg\+xml;base64,([^"]*)"/.exec(page) ?? [];
  return Buffer.from(encoded, "base64").toString();
}

test("pins come before the findings, in their order, each with its note", () => {
  const page = renderReport(exampleDocument(), [
    pinOf({ title: "Second thoughts", note: "Look here.\nAnd here." }),
    pinOf({ title: "Numbers", sentences: ["B has 3."], table: { columns: ["Run", "n"], rows: [["A", 3]] } }),
  ]);
  const words = ["Pinned", "Second thoughts", "Look here.", "And here.", "Numbers", "B has 3.", "Findings"];
  const places = words.map((word) => page.indexOf(word));
  expect(places).toEqual(places.toSorted((a, b) => a - b));
  expect(places).not.toContain(-1);
  expect(page).toContain('<td class="left">A</td><td>3</td>');
});

test("a report without pins has no section for them", () => {
  expect(renderReport(exampleDocument())).not.toContain("Pinned");
});

test("a picture of the store is reduced again, and one that is none is said to be so", () => {
  const page = renderReport(exampleDocument(), [pinOf({ picture })]);
  expect(pictureIn(page)).toBe('<svg xmlns="http://www.w3.org/2000/svg" width="4" height="4"><rect x="1"/></svg>');
  const broken = renderReport(exampleDocument(), [pinOf({ picture: "<svg onload=alert(1)>" })]);
  expect(broken).toContain("could not be read");
  expect(broken).not.toContain("<img");
});

test("hostile texts of a pin appear as text", () => {
  const attack = '"><img src=x onerror=alert(1)>\u202e';
  const page = renderReport(exampleDocument(), [
    pinOf({
      ...{ title: attack, note: attack, address: attack, sentences: [attack] },
      table: { columns: [attack], rows: [[attack]] },
    }),
  ]);
  expect(page).not.toMatch(/<img|\u202e/);
  expect(page).toContain("&lt;img src=x onerror=alert(1)&gt;⟨U+202E⟩");
});
