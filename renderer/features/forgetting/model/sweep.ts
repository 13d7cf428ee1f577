/** The λ sweep: what each arm kept of the old tasks, and what it cost on the new one. Pure. */
import type { AuditDocument, SweepPoint } from "../../../../src/contract/domain/audit.ts";
import type { Arm } from "../../../../src/contract/domain/edit.ts";
import type { Subject } from "./question.ts";

/** Names of the arms, in the order in which they are shown. */
export const armNames: Record<Arm, string> = {
  scale: "intruders × λ",
  step: "whole ΔW, same step",
  shrink: "whole ΔW, same norm",
  rescaled: "× λ, rescaled",
  interpolate: "whole ΔW × λ",
  neighbour: "neighbours × λ",
};

/** The whole name, for tooltips. */
export const armMeanings: Record<Arm, string> = {
  scale: "The chosen intruders times λ",
  step: "Control: all of ΔW shrunk by a step as long as the intervention's",
  shrink: "Control: all of ΔW shrunk to the size that the intervention leaves",
  rescaled: "The intervention, then all of ΔW brought back to its first size",
  interpolate: "All of ΔW times λ: on the line between base and tuned",
  neighbour: "Control: the nearest vectors that are no intruders, times λ",
};

export interface ArmPath {
  arm: Arm;
  /** Falling λ, from 1 (as trained). */
  points: readonly SweepPoint[];
}

/** Points with a new task, which the plot needs for its second axis. */
export function pathsOf(document: AuditDocument, subject: Subject, shown: readonly Arm[] | undefined): ArmPath[] {
  const own = document.sweep.filter(({ label, newTask }) => label === subject.label && newTask !== null);
  const start = own.find(({ lambda }) => lambda === 1);
  const arms = (Object.keys(armNames) as Arm[]).filter((arm) => shown === undefined || shown.includes(arm));
  return arms.flatMap((arm) => {
    const edited = own.filter((point) => point.arm === arm && point.lambda !== 1).sort((a, b) => b.lambda - a.lambda);
    return edited.length === 0 ? [] : [{ arm, points: start ? [start, ...edited] : edited }];
  });
}

/** Runs as trained. */
export function trainedPoints(document: AuditDocument, subjects: readonly Subject[]) {
  return subjects.flatMap((subject) => {
    const point = document.sweep.find(({ label, lambda }) => label === subject.label && lambda === 1);
    return point?.newTask ? [{ subject, point }] : [];
  });
}

/** λ values of which something is stored for a run, except 1. */
export function measuredLambdas(document: AuditDocument, subject: Subject): number[] {
  const own = document.rows.filter(
    ({ label, lambda, arm }) => label === subject.label && lambda !== 1 && arm === "scale",
  );
  return [...new Set(own.map(({ lambda }) => lambda))].sort((a, b) => b - a);
}

/** The λ to show when the address names none: one half where it is measured, else the nearest to it. */
export function usualLambda(measured: readonly number[]): number | undefined {
  return measured.reduce<number | undefined>(
    (best, lambda) => (best === undefined || Math.abs(lambda - 0.5) < Math.abs(best - 0.5) ? lambda : best),
    undefined,
  );
}

/** The run that is swept: the named one, else the one with most points. */
export function sweptSubject(
  document: AuditDocument | undefined,
  subjects: readonly Subject[],
  named: string | undefined,
): Subject | undefined {
  const asked = subjects.find(({ id }) => id === named);
  if (asked || !document) return asked ?? subjects[0];
  const count = (subject: Subject) =>
    document.sweep.filter(({ label, lambda }) => label === subject.label && lambda !== 1).length;
  return subjects.reduce<Subject | undefined>(
    (best, next) => (best && count(best) >= count(next) ? best : next),
    undefined,
  );
}

/** File stem of the chart, by which exports find it. */
export const sweepChart = "lambda-sweep";
