/** The options of `audit` as commander reads them, and the question they make. */
import type { Command } from "commander";
import { type AuditSpec, auditSpec } from "../../contract/domain/audit.ts";
import { type Arm, arm } from "../../contract/domain/edit.ts";
import {
  epsilonOption,
  failOnOption,
  gather,
  jsonOption,
  kOption,
  outFilesOption,
  overwriteOption,
  quietOption,
  requiredBaseOption,
  seedOption,
  threadsOption,
  tunedOption,
  workspaceOption,
} from "../options/lines.ts";
import { usageError, wholeNumber } from "../options/numbers.ts";
import { place } from "../options/place.ts";
import { parseTasks } from "../options/tasks.ts";
import { parseTuned } from "../options/tuned.ts";

export interface AuditOptions {
  base?: string;
  tuned?: string[];
  task?: string[];
  retain?: string[];
  lambda?: number[];
  arms?: Arm[];
  which?: "strongest" | "all";
  sequence?: boolean;
  k?: number;
  epsilon?: number;
  limit?: number;
  seed?: number;
  maxLength?: number;
  vocab?: "model" | "tokenizer";
  prefixToken?: number;
  chatTemplate?: boolean;
  threads?: number;
  workspace?: string;
  out?: string[];
  overwrite?: boolean;
  failOn?: string;
  json?: boolean;
  quiet?: boolean;
}

const largestLambda = 2;
/** The longest windows of today's models lie below this. */
const mostTokens = 10_000_000;
const mostItems = 10_000_000;

export function addAuditOptions(command: Command): Command {
  return command
    .option(...requiredBaseOption)
    .option(...tunedOption)
    .option(
      "--task <[NAME=]file...>",
      "items of the new task as JSON lines, or a ready-made task: boolq, boolq=FILE",
      gather,
    )
    .option("--retain <[NAME=]file...>", "items of old tasks, which the base can do", gather)
    .option("--lambda <numbers>", "λ grid of the sweep over the intruders, such as 1,.9,.7,.5,.3", lambdas)
    .option("--arms <names>", `arms of the sweep: ${arm.options.join(", ")} (default: scale,step)`, arms)
    .option("--which <strongest|all>", "intruders that are scaled in each module (default: strongest)", whichName)
    .option("--sequence", "the tuned models are one chain, each made from the one before")
    .option(...kOption)
    .option(...epsilonOption);
}

export function addScoringOptions(command: Command): Command {
  return command
    .option("--limit <number>", "a sample of so many items of each task", wholeNumber("--limit", 1, mostItems))
    .option(...seedOption("of the sample"))
    .option(
      "--max-length <tokens>",
      "longest input; the model's own window when left out",
      wholeNumber("--max-length", 2, mostTokens),
    )
    .option("--vocab <model|tokenizer>", "rows of the output layer that take part (default: model)", vocabName)
    .option("--prefix-token <id>", "token before texts without context", wholeNumber("--prefix-token", 0, mostTokens))
    .option("--chat-template", "put contexts into the tokenizer's chat template")
    .option(...threadsOption);
}

export function addAuditOutputOptions(command: Command): Command {
  return command
    .option(...workspaceOption)
    .option(...outFilesOption(".json, .csv or .html"))
    .option(...overwriteOption)
    .option(...failOnOption("forgetting > 5"))
    .option(...jsonOption("the audit document"))
    .option(...quietOption);
}

function lambdas(text: string): number[] {
  const values = text.split(",").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  if (values.every((value) => value >= 0 && value <= largestLambda)) return values;
  throw usageError(`--lambda must be numbers from 0 to ${largestLambda} between commas, not "${text}".`);
}

function arms(text: string): Arm[] {
  return text.split(",").map((part) => {
    const parsed = arm.safeParse(part.trim());
    if (parsed.success) return parsed.data;
    throw usageError(`--arms: "${part}" is none of ${arm.options.join(", ")}.`);
  });
}

function whichName(text: string): "strongest" | "all" {
  if (text === "strongest" || text === "all") return text;
  throw usageError(`--which must be strongest or all, not "${text}".`);
}

function vocabName(text: string): "model" | "tokenizer" {
  if (text === "model" || text === "tokenizer") return text;
  throw usageError(`--vocab must be model or tokenizer, not "${text}".`);
}

/** @throws DeltaScopeError `usage.invalid` */
export function auditSpecOf(options: AuditOptions, workingFolder: string): AuditSpec {
  const at = (path: string) => place(path, workingFolder);
  if (options.base === undefined) throw usageError("--base is missing: forgetting is measured against it.");
  const asked = options.tuned ?? [];
  if (asked.length === 0) throw usageError("--tuned is missing: name at least one fine-tuned checkpoint or adapter.");
  const values = [
    ...(options.task ?? []).map((value) => ({ value, role: "new" as const })),
    ...(options.retain ?? []).map((value) => ({ value, role: "retain" as const })),
  ];
  if (values.length === 0) throw usageError("Name old tasks with --retain, and the new task with --task.");
  const { maxLength, vocab, prefixToken, limit, seed, chatTemplate } = options;
  return auditSpec.parse({
    base: at(options.base),
    tuned: parseTuned(asked).map(({ label, path }) => ({ label, path: at(path) })),
    tasks: parseTasks(values, at),
    settings: { maxLength, vocab, prefixToken, limit, seed, chatTemplate },
    lambdas: options.lambda,
    arms: options.arms,
    which: options.which,
    k: options.k,
    epsilon: options.epsilon,
    sequence: options.sequence,
    threads: options.threads,
  });
}
