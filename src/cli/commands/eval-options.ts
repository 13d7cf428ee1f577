/** The options of `eval` as commander reads them, and the question they make. */
import type { Command } from "commander";
import { type EvaluationSettings, evaluationSettings, type TaskSpec } from "../../contract/domain/evaluation.ts";
import type { CliContext } from "../context.ts";
import { gather, jsonOption, overwriteOption, quietOption, workspaceOption } from "../options/lines.ts";
import { usageError } from "../options/numbers.ts";
import { place } from "../options/place.ts";
import { parseTasks } from "../options/tasks.ts";

export interface EvalOptions {
  model?: string;
  adapter?: string;
  task?: string[];
  maxLength?: number;
  vocab?: "model" | "tokenizer";
  prefixToken?: number;
  limit?: number;
  seed?: number;
  chatTemplate?: boolean;
  threads?: number;
  workspace?: string;
  out?: string;
  overwrite?: boolean;
  json?: boolean;
  quiet?: boolean;
  listTasks?: boolean;
}

export interface EvalQuestion {
  variant: { base: string; tuned?: string };
  tasks: TaskSpec[];
  settings: EvaluationSettings;
  threads: number | undefined;
}

export function addEvalOptions(command: Command): Command {
  return command
    .option("--model <folder>", "checkpoint: folder or Hub id")
    .option("--adapter <folder>", "adapter on top of it; or a full fine-tune, scored by the model's rules")
    .option(
      "--task <[NAME=]file...>",
      "items as JSON lines, or a ready-made task: boolq, boolq=FILE; may be repeated",
      gather,
    );
}

export function addEvalOutputOptions(command: Command): Command {
  return command
    .option(...workspaceOption)
    .option("--out <file>", "also write the document as .json")
    .option(...overwriteOption)
    .option(...jsonOption("the evaluation document"))
    .option(...quietOption)
    .option("--list-tasks", "list the ready-made tasks and where their data is found");
}

/** @throws DeltaScopeError `usage.invalid` */
export function evalQuestionOf(options: EvalOptions, { workingFolder }: CliContext): EvalQuestion {
  const at = (path: string) => place(path, workingFolder);
  if (options.model === undefined) throw usageError("--model is missing: name the checkpoint to score.");
  const asked = options.task ?? [];
  if (asked.length === 0) throw usageError("--task is missing: name a file of items, or see --list-tasks.");
  const { maxLength, vocab, prefixToken, limit, seed, chatTemplate } = options;
  const values = asked.map((value) => ({ value, role: "retain" as const }));
  return {
    variant: {
      base: at(options.model),
      ...(options.adapter === undefined ? {} : { tuned: at(options.adapter) }),
    },
    tasks: parseTasks(values, at),
    settings: evaluationSettings.parse({ maxLength, vocab, prefixToken, limit, seed, chatTemplate }),
    threads: options.threads,
  };
}
