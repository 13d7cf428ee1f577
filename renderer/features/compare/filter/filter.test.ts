/** The filter grammar: what it understands, what it lets through, what it offers. */

import { describe, expect, test } from "vitest";
import { cpuMilliseconds } from "../../../../test/builders/cpu-time.ts";
import { appRunOf, exactBounds, moduleRowOf } from "../../../../test/builders/module-rows.ts";
import { fc } from "../../../../test/builders/properties.ts";
import { splitTracks } from "../model/grid.ts";
import { tableRows } from "../model/table-rows.ts";
import { createDecider } from "../model/test-settings.ts";
import { completions } from "./complete.ts";
import { matches } from "./matches.ts";
import { parseFilter } from "./parse.ts";

const runs = [appRunOf("A", { label: "fft", kind: "full" }), appRunOf("B", { label: "lora r16" })];
const decide = createDecider({ k: 4, epsilon: 0.5, side: "left" });
const rows = tableRows(
  splitTracks(
    runs,
    runs.flatMap((run, index) => [
      moduleRowOf(run, 0, "q_proj", { relative: 0.03 + index * 0.03, bounds: exactBounds([0.1]) }),
      moduleRowOf(run, 1, "v_proj", { relative: 0.05 }),
      moduleRowOf(run, 2, "down_proj", {
        relative: null,
        status: "failed",
        group: "mlp",
        bounds: { left: null, right: null },
      }),
      moduleRowOf(run, null, "embed_tokens", { relative: 0.01 }),
    ]),
  ),
  decide,
);

function found(text: string): string[] {
  const filter = parseFilter(text);
  return rows.filter((row) => matches(filter, row)).map(({ run, row }) => `${run.letter}${row.layer ?? "x"}`);
}

test.each([
  ["", ["A0", "A1", "A2", "Ax", "B0", "B1", "B2", "Bx"]],
  ["layer:1-2", ["A1", "A2", "B1", "B2"]],
  ["layer:1", ["A1", "B1"]],
  ["kind:v_proj", ["A1", "B1"]],
  ["kind:v,q", ["A0", "A1", "B0", "B1"]],
  ["run:B", ["B0", "B1", "B2", "Bx"]],
  ["run:fft kind:q_proj", ["A0"]],
  ["intruders>0", ["A0", "B0"]],
  ["intruders > 0", ["A0", "B0"]],
  ["change>4%", ["A1", "B0", "B1"]],
  ["change>0.04", ["A1", "B0", "B1"]],
  ["change>4,0%", ["A1", "B0", "B1"]],
  ["change<=3%", ["A0", "Ax", "Bx"]],
  ["layer:1-2 intruders>0 or change>5.5%", ["B0"]],
  ["layer:0 or kind:down", ["A0", "A2", "B0", "B2"]],
  ["-run:A layer:0", ["B0"]],
  ["status:failed", ["A2", "B2"]],
  ["group:mlp", ["A2", "B2"]],
  ["embed", ["Ax", "Bx"]],
  ['"lora r16"', ["B0", "B1", "B2", "Bx"]],
  ["-embed -down -v_proj run:a", ["A0"]],
  ["layer!=0 run:A", ["A1", "A2"]],
  ["nothing:here", []],
])("%s", (text, expected) => expect(found(text)).toEqual(expected));

test.each(["layer:x", "change>", "change>much", "toString>1", "__proto__:1", ":", ">", "-", '"open', "kind:"])(
  "%s is plain text, not an error",
  (text) => {
    const [terms] = parseFilter(text);
    expect(terms?.every(({ type }) => type === "text")).toBe(true);
  },
);

test("any text parses, quickly", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 500, unit: "binary" }), (text) => {
      const filter = parseFilter(text);
      for (const row of rows) matches(filter, row);
    }),
  );
  const started = cpuMilliseconds();
  parseFilter(`${">".repeat(250)} ${"a".repeat(250)}`);
  expect(cpuMilliseconds() - started).toBeLessThan(1000);
});

describe("completion", () => {
  const vocabulary = { kinds: ["q_proj", "v_proj"], runs, layers: 36 };
  const labels = (text: string, cursor = text.length) =>
    completions(text, cursor, vocabulary).map(({ label }) => label);

  test("fields, then their values", () => {
    expect(labels("la")).toEqual(["layer:"]);
    expect(labels("intr")).toEqual(["intruders>"]);
    expect(labels("kind:")).toEqual(["kind:q_proj", "kind:v_proj"]);
    expect(labels("kind:v")).toEqual(["kind:v_proj"]);
    expect(labels("run:")).toEqual(["run:A", "run:B"]);
    expect(labels("layer:")).toEqual(["layer:27-35"]);
    expect(labels("-ki")).toEqual(["-kind:"]);
    expect(labels("change>4%")).toEqual([]);
  });

  test("the word at the cursor is replaced, the rest stays", () => {
    const [choice] = completions("ki layer:3", 2, vocabulary);
    expect(choice?.text).toBe("kind: layer:3");
    expect(completions("run:A kind:v", 12, vocabulary)[0]?.text).toBe("run:A kind:v_proj ");
  });

  test("every offered filter is understood", () => {
    for (const start of ["", "kind:", "run:", "layer:", "status:", "group:"]) {
      for (const { text } of completions(start, start.length, vocabulary)) {
        if (!/[:>]$/.test(text)) expect(parseFilter(text)[0]?.[0]?.type).not.toBe("text");
      }
    }
  });
});
