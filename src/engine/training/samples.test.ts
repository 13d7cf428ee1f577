/** The documents and lines that the trainer's own tests read too: both sides must agree on them. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runConfig, type TrainerEvent, trainerEvent } from "../../contract/domain/training.ts";
import { isFinal } from "./ending.ts";
import { trainerFolder } from "./process-variables.ts";
import { createLineReader } from "./protocol.ts";
import { problemsOf } from "./recipes/form.ts";

const sample = (name: string): string => readFileSync(join(trainerFolder, "samples", name), "utf8");

const configs: Record<"valid" | "invalid", { name: string; document: unknown; field: string }[]> = JSON.parse(
  sample("configs.json"),
);

test.each(configs.valid)("the run configuration is read: $name", ({ document }) => {
  expect(runConfig.safeParse(document).error?.issues).toBeUndefined();
});

test.each(configs.invalid)("the run configuration is refused: $name", ({ document, field }) => {
  const { error } = runConfig.safeParse(document);
  expect(error && problemsOf(error, new Map()).map((problem) => problem.field)).toContain(field);
});

const lines = sample("events.jsonl")
  .trim()
  .split("\n")
  .map((line): TrainerEvent => JSON.parse(line));
const endings = lines.filter(isFinal);

test.each(endings)("a golden run that ends with $type: one event each, no warning of this side", (ending) => {
  const run = [...lines.filter((line) => !isFinal(line)), ending];
  const reader = createLineReader();
  const text = run.map((line) => `${JSON.stringify(line)}\n`).join("");
  const events = [...reader.push(Buffer.from(text)), ...reader.end()];
  expect(events).toEqual(run);
});

test("the golden lines hold every type of the protocol", () => {
  const types = new Set(lines.map(({ type }) => type));
  expect(types).toEqual(new Set(trainerEvent.options.map(({ shape }) => shape.type.value)));
});
