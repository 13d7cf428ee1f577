/** `deltascope intervene`: scales intruders (or does a control) and writes the edited adapter or checkpoint. */
import type { Command } from "commander";
import { type Arm, arm, type EditSpec, intervention, type Which } from "../../contract/domain/edit.ts";
import type { CliContext } from "../context.ts";
import type { ExitCode } from "../exit-codes.ts";
import { baseOption, epsilonOption, kOption, modulesOption } from "../options/lines.ts";
import { usageError, wholeNumber } from "../options/numbers.ts";
import {
  addEditOptions,
  dtypeOption,
  type EditOptions,
  numberWithin,
  optionalPlace,
  outputOf,
  required,
} from "./edit-options.ts";
import { runEdit } from "./follow-edit.ts";

type InterveneSpec = Extract<EditSpec, { edit: "intervene" }>;

interface InterveneOptions extends EditOptions {
  tuned?: string;
  lambda?: number;
  which?: "strongest" | "all";
  vectors?: { module: string; vectors: number[] }[];
  arm?: Arm;
  k?: number;
  epsilon?: number;
  modules?: string;
  full?: boolean;
  rank?: number;
  dtype?: InterveneSpec["dtype"];
}

const largestLambda = 2;
const largestRank = 100_000;

const examples = `
Arms, each with the same modules, vectors and λ; every one but scale is a control:
  scale        W + (λ − 1)·σ·u·vᵀ for the chosen intruders (default)
  step         all of ΔW made smaller, by a step as long as that of scale
  shrink       all of ΔW brought to the norm that scale leaves
  rescaled     scale, and then ΔW brought back to its first norm
  interpolate  W0 + λ·ΔW: everything that changed, or the modules that --modules names
  neighbour    scale, on the nearest singular vectors that are no intruders

Examples:
  $ deltascope intervene --base Qwen2.5-0.5B --tuned out/lora-r16 --lambda 0.7 --out out/lora-r16-edited
  $ deltascope intervene --tuned out/lora-r16 --lambda 0.5 --which all --arm step --out out/control
  $ deltascope intervene --tuned out/lora-r16 --lambda 0 --vectors model.layers.3.mlp.up_proj=0,2 --out out/by-hand`;

export function addIntervene(program: Command, context: CliContext, finish: (code: ExitCode) => void): void {
  const command = program
    .command("intervene")
    .summary("scales intruder dimensions, or runs a control, and writes the edited adapter or checkpoint")
    .description("Writes an adapter or checkpoint in which chosen singular vectors are scaled by λ.")
    .option(...baseOption)
    .option("--tuned <path>", "fine-tuned checkpoint or adapter")
    .option(
      "--lambda <number>",
      "factor on the chosen vectors: 1 as trained, 0 removed",
      numberWithin("--lambda", 0, largestLambda),
    )
    .option(
      "--which <strongest|all>",
      "the strongest intruder of each module, or every one (default: strongest)",
      whichName,
    )
    .option(
      "--vectors <MODULE=0,2...>",
      "vectors chosen by hand, from 0, in place of --which; may be repeated",
      handChosen,
    )
    .option("--arm <name>", `what is done (default: scale): ${arm.options.join(", ")}`, armName)
    .option(...modulesOption)
    .option(...kOption)
    .option(...epsilonOption)
    .option("--full", "write a full checkpoint also where an adapter would do")
    .option(...dtypeOption)
    .option("--rank <number>", "bring the edited adapter back to this rank", wholeNumber("--rank", 1, largestRank));
  addEditOptions(command)
    .addHelpText("after", examples)
    .action(async (options: InterveneOptions) => finish(await runEdit(context, specOf(options, context), options)));
}

function specOf(options: InterveneOptions, context: CliContext): EditSpec {
  const { lambda, which, vectors, arm: asked, k, epsilon, modules, full, rank, dtype } = options;
  const tuned = required("--tuned", options.tuned, context);
  if (lambda === undefined) throw usageError("--lambda is missing: 1 leaves everything as trained, 0 removes.");
  if (which !== undefined && vectors !== undefined) throw usageError("Give either --which or --vectors.");
  if (full && rank !== undefined) throw usageError("--rank is for adapters; --full writes a checkpoint.");
  const chosen: Which | undefined = vectors ?? which;
  return {
    edit: "intervene",
    ...optionalPlace(options.base, context),
    tuned,
    intervention: intervention.parse({ arm: asked, lambda, which: chosen, k, epsilon }),
    ...(modules === undefined ? {} : { pattern: modules }),
    full: full ?? false,
    ...(rank === undefined ? {} : { rank }),
    ...(dtype === undefined ? {} : { dtype }),
    ...outputOf(options, context),
  };
}

function whichName(text: string): "strongest" | "all" {
  if (text === "strongest" || text === "all") return text;
  throw usageError(`--which must be strongest or all, not "${text}"; name vectors with --vectors.`);
}

function armName(text: string): Arm {
  const parsed = arm.safeParse(text);
  if (parsed.success) return parsed.data;
  throw usageError(`--arm must be one of ${arm.options.join(", ")}, not "${text}".`);
}

function handChosen(text: string, previous: { module: string; vectors: number[] }[] = []) {
  const [, module = "", places = ""] = /^([^=]{1,512})=(\d{1,6}(?:,\d{1,6}){0,255})$/.exec(text) ?? [];
  if (module === "") throw usageError(`--vectors "${text}" must read MODULE=0,2: places of singular vectors, from 0.`);
  return [...previous, { module, vectors: places.split(",").map(Number) }];
}
