import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../../test/builders/folders.ts";
import { readSweep } from "./read-sweep.ts";

async function faultOf(...lines: string[]): Promise<string> {
  const file = join(temporaryFolder(), "sweep.yaml");
  writeFileSync(file, lines.join("\n"));
  return readSweep(file).then(
    () => "",
    (thrown: Error) => thrown.message,
  );
}

const sound = ["name: ranks", "recipe: { preset: quick-demo }", "axes: { seed: [1, 2] }"];

test.each([
  ["axis: { seed: [1] }", /line 4: axis: "axis" is no field of a sweep\. Did you mean axes\?$/],
  ["keep: bset", /line 4: keep: "bset" is no choice here\. Did you mean best\?$/],
  ["rates: { full: -1 }", /line 4: rates\.full: It must be more than 0, not -1\.$/],
])("%s", async (line, message) => {
  expect(await faultOf(...sound)).toBe("");
  expect(await faultOf(...sound, line)).toMatch(message);
});

test("recipes within a sweep know the fields of recipes", async () => {
  const fault = await faultOf(
    "name: a",
    "recipe: { preset: quick-demo, lr: 1 }",
    "axes: { variants: [{ method: lorra }] }",
  );
  expect(fault).toMatch(/line 2: recipe\.lr: .*Did you mean learning_rate\?/);
  expect(fault).toMatch(/line 3: axes\.variants\.0\.method: .*Did you mean lora\?/);
});
