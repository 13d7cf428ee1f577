/** Decides a gate expression in three values: a quantity that was not measured makes its comparison unknown, never false. */
import { isWithin } from "../../contract/comparison.ts";
import type { Comparison, Expression } from "./parse.ts";

/** The runs of a document with the quantities that a gate may ask for; undefined where a run has no such number. */
export interface Quantities {
  runs: readonly string[];
  read(run: string, field: string): number | undefined;
}

export type Truth = "true" | "false" | "unknown";

/** A comparison that decided the matter, with the run and the value it met. */
export interface Cause {
  run: string;
  comparison: Comparison;
  value: number | undefined;
}

export interface Decision {
  truth: Truth;
  causes: Cause[];
}

export function evaluate(expression: Expression, quantities: Quantities, run: string): Decision {
  if (expression.type === "comparison") return compare(expression, quantities, run);
  const parts = expression.parts.map((part) => evaluate(part, quantities, run));
  return expression.type === "or" ? join(parts, "true", "false") : join(parts, "false", "true");
}

/** One `ruling` part decides; only when all are `other` the whole is; else something unknown is left. */
function join(parts: readonly Decision[], ruling: Truth, other: Truth): Decision {
  const truth = parts.some((part) => part.truth === ruling)
    ? ruling
    : parts.every((part) => part.truth === other)
      ? other
      : "unknown";
  return { truth, causes: parts.filter((part) => part.truth === truth).flatMap((part) => part.causes) };
}

function compare(comparison: Comparison, { runs, read }: Quantities, asked: string): Decision {
  const run = comparison.label === undefined ? asked : runs.find((label) => label === comparison.label);
  const value = run === undefined ? undefined : read(run, comparison.field);
  const cause = { run: run ?? comparison.label ?? asked, comparison, value };
  if (value === undefined) return { truth: "unknown", causes: [cause] };
  return { truth: isWithin(value, comparison.operator, comparison.limit) ? "true" : "false", causes: [cause] };
}
