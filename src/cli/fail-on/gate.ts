/** The gate of `--fail-on`: checked before any work, judged on the finished document. */
import { shortText, visibleText } from "../../contract/text.ts";
import type { CliContext } from "../context.ts";
import { usageError } from "../options/numbers.ts";
import { displayWidth } from "../terminal/width.ts";
import { type Cause, type Decision, evaluate, type Quantities } from "./evaluate.ts";
import { type Expression, type GateNames, parseExpression } from "./parse.ts";
import { ExpressionProblem } from "./tokens.ts";

export interface Gate {
  text: string;
  expression: Expression;
}

/** Shows where a wrong expression is wrong. @throws DeltaScopeError `usage.invalid` */
export async function openGate(
  context: CliContext,
  text: string | undefined,
  names: GateNames,
): Promise<Gate | undefined> {
  if (text === undefined) return undefined;
  try {
    return { text, expression: parseExpression(text, names) };
  } catch (thrown) {
    if (!(thrown instanceof ExpressionProblem)) throw thrown;
    const before = displayWidth(visibleText(text.slice(0, thrown.at)));
    await context.stderr.write(`  ${visibleText(text)}\n  ${" ".repeat(before)}^\n`);
    throw usageError(`--fail-on: ${thrown.message}.`);
  }
}

/** Says which run met the gate with which value. */
export async function judge(
  context: CliContext,
  gate: Gate,
  quantities: Quantities,
): Promise<"passed" | "exceeded" | "undecidable"> {
  const decisions = quantities.runs.map((run) => ({ run, ...evaluate(gate.expression, quantities, run) }));
  const exceeded = decisions.filter(({ truth }) => truth === "true");
  const unknown = decisions.filter(({ truth }) => truth === "unknown");
  const lines = [
    ...exceeded.map((decision) => lineOf(gate, decision, "gate exceeded")),
    ...unknown.map((decision) => lineOf(gate, decision, "gate undecided")),
  ];
  for (const line of new Set(lines)) await context.stderr.write(line);
  if (exceeded.length > 0) return "exceeded";
  return unknown.length > 0 ? "undecidable" : "passed";
}

/** An expression about named runs holds whatever run is asked; it is told once, of the runs that it names. */
function lineOf(gate: Gate, { run, causes }: Decision & { run: string }, what: string): string {
  const reasons = [...new Set(causes.map(describe))].join(", ");
  const named = causes.every(({ comparison }) => comparison.label !== undefined);
  const runs = named ? [...new Set(causes.map((cause) => cause.run))] : [run];
  const who = runs.map((label) => shortText(label)).join(" and ");
  return `${what} by ${who}: ${reasons} (--fail-on ${shortText(gate.text)})\n`;
}

function describe({ run, comparison, value }: Cause): string {
  const where = comparison.label === undefined ? "" : `${shortText(run)}:`;
  return `${where}${comparison.field} = ${value === undefined ? "not measured" : String(value)}`;
}
