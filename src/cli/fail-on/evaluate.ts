/** Decides a gate expression in three values: a quantity that was not measured makes its comparison unknown, never false. */
import type { AnalysisDocument, RunDocument } from "../../contract/domain/analysis.ts";
import { readField } from "./fields.ts";
import type { Comparison, Expression } from "./parse.ts";

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

export function evaluate(expression: Expression, document: AnalysisDocument, run: RunDocument): Decision {
  if (expression.type === "comparison") return compare(expression, document, run);
  const parts = expression.parts.map((part) => evaluate(part, document, run));
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

function compare(comparison: Comparison, document: AnalysisDocument, asked: RunDocument): Decision {
  const run = comparison.label === undefined ? asked : document.runs.find(({ label }) => label === comparison.label);
  const value = run && readField(document, run, comparison.field);
  const cause = { run: run?.label ?? comparison.label ?? asked.label, comparison, value };
  if (value === undefined) return { truth: "unknown", causes: [cause] };
  return { truth: holds(value, comparison) ? "true" : "false", causes: [cause] };
}

function holds(value: number, { operator, limit }: Comparison): boolean {
  switch (operator) {
    case ">":
      return value > limit;
    case ">=":
      return value >= limit;
    case "<":
      return value < limit;
    case "<=":
      return value <= limit;
    case "=":
      return value === limit;
    case "!=":
      return value !== limit;
  }
}
