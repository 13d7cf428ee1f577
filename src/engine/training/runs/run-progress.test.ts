import { expect, test } from "vitest";
import type { TrainerEvent } from "../../../contract/domain/training.ts";
import { createRunProgress } from "./run-progress.ts";

function shown(...lines: object[]): (string | undefined)[] {
  const progress = createRunProgress(() => 1);
  const all = [progress.begun(), ...lines.map((line) => progress.of(line as TrainerEvent))];
  return all.map((one) => one && `${one.phase} ${one.done}/${one.total} ${one.unit}, ${one.item}`);
}

test("preparation is counted in its stages, training in steps that saving does not take back", () => {
  const beat = (phase: string) => ({ type: "heartbeat", phase });
  const step = { type: "progress", step: 4, steps: 9, loss: 0.5, eta_s: 2 };
  expect(shown({ type: "hello" }, { type: "env" }, beat("tokenize"), beat("load"), { type: "plan" })).toEqual([
    "open 0/3 stages, loading Python's libraries",
    undefined,
    "open 1/3 stages, reading the data",
    "open 1/3 stages, reading the data",
    "open 2/3 stages, loading the base",
    "open 3/3 stages, starting the first step",
  ]);
  expect(shown(beat("train"), step, beat("save"), beat("train"), { ...step, step: 5, loss: null })).toEqual([
    "open 0/3 stages, loading Python's libraries",
    undefined,
    "train 4/9 steps, loss 0.500",
    "train 4/9 steps, saving a checkpoint",
    undefined,
    "train 5/9 steps, undefined",
  ]);
});
