import { expect, test } from "vitest";
import type { Arm, Intervention } from "../../contract/domain/edit.ts";
import { armAlerts, type EditedModule } from "./arm-alerts.ts";

function asked(arm: Arm, lambda: number): Intervention {
  return { arm, lambda, which: "strongest", k: 10, epsilon: 0.5 };
}

function edited(module: string, factor: number, vectors = 1): EditedModule {
  const scaled = Array.from({ length: vectors }, (_, index) => ({ index, coefficient: -0.5 }));
  return { chosen: [0], edit: { module, factor, vectors: scaled, deltaFrobenius: 1, step: 1 } };
}

const codes = (arm: Arm, lambda: number, ...modules: EditedModule[]) =>
  armAlerts(modules, asked(arm, lambda)).map(({ code, where }) => `${code} ${where}`);

test("a control that makes the update larger is told", () => {
  expect(codes("shrink", 0.3, edited("q", 0.9), edited("up", 1.4))).toEqual(["edit.shrink-grew up"]);
  expect(codes("shrink", 0.3, edited("q", 0.9), edited("up", 1))).toEqual([]);
  // Above 1 the intervention itself is meant to grow.
  expect(codes("shrink", 1.5, edited("up", 1.4))).toEqual([]);
  expect(codes("rescaled", 0.3, edited("up", 1.4))).toEqual([]);
});

test("steps that end at the base and vectors without a neighbour are told", () => {
  expect(codes("step", 0.3, edited("q", 0), edited("up", 0.2))).toEqual(["edit.step-clamped q"]);
  expect(codes("neighbour", 0.3, edited("q", 1, 0), edited("up", 1))).toEqual(["edit.no-neighbour q"]);
});
