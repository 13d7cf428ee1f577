/** The sweep as the chart draws it. Pure. */
import type { SweepPoint } from "../../../../src/contract/domain/audit.ts";
import type { Arm } from "../../../../src/contract/domain/edit.ts";
import { shortText } from "../../../../src/contract/text.ts";
import type { SweepArm, SweepMeasure, SweepRun } from "../../../charts/lambda-sweep.tsx";
import type { MarkShape } from "../../../charts/marks.tsx";
import type { Subject } from "./question.ts";
import { type ArmPath, armNames } from "./sweep.ts";

/** Colour, dash and marker of an arm go together. */
export const armLooks: Record<Arm, { colour: string; dash: string | undefined; shape: MarkShape }> = {
  scale: { colour: "var(--intruder)", dash: undefined, shape: "diamond" },
  step: { colour: "var(--text-2)", dash: "4 3", shape: "circle" },
  shrink: { colour: "var(--run-F)", dash: "7 2 1.5 2", shape: "frame" },
  rescaled: { colour: "var(--run-D)", dash: "1.5 2.5", shape: "triangle" },
  interpolate: { colour: "var(--run-base)", dash: "9 2 2 2", shape: "ring" },
  neighbour: { colour: "var(--run-E)", dash: "7 3", shape: "square" },
};

const nowhere = { value: Number.NaN, difference: Number.NaN, ci95: null };

function measureOf({ retention, newTask }: SweepPoint): SweepMeasure {
  const fresh = newTask ?? nowhere;
  return {
    old: { ...retention, interval: retention.ci95 ?? undefined },
    fresh: { ...fresh, interval: fresh.ci95 ?? undefined },
  };
}

export function chartArms(paths: readonly ArmPath[]): SweepArm[] {
  return paths.map(({ arm, points }) => ({
    id: arm,
    name: armNames[arm],
    ...armLooks[arm],
    points: points.map((point) => ({ ...measureOf(point), lambda: point.lambda, best: point.pareto })),
  }));
}

/** Longer names would cover the paths. */
const longestName = 16;

export function chartRuns(trained: readonly { subject: Subject; point: SweepPoint }[]): SweepRun[] {
  return trained.map(({ subject, point }) => ({
    ...measureOf(point),
    letter: subject.letter ?? "",
    label: shortText(subject.label, longestName),
  }));
}
