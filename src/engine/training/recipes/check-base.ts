/** Whether a base can be trained as a recipe asks. */

import type { HubNeed } from "../../../contract/domain/hub.ts";
import type { FieldProblem, RunConfig } from "../../../contract/domain/training.ts";
import { type DeltaScopeError, toDeltaScopeError } from "../../../contract/errors.ts";
import { isHubAddress } from "../../../contract/hub-id.ts";
import { endsWithEntry } from "../../adapter/targeting.ts";
import { isMissing } from "../../source/missing.ts";
import { hubIdOf } from "../../source/open-source.ts";
import { quote, quoteSome } from "../../source/quote.ts";
import { type BaseModel, type LinearLayer, readBaseModel } from "../base-model.ts";

/** A problem that does not know its line yet. */
export type Problem = Omit<FieldProblem, "line">;

export interface BaseCheck {
  model: BaseModel | undefined;
  problems: Problem[];
  /** Where it is an id that the Hub may have. */
  need: HubNeed | undefined;
}

export async function checkBase(config: RunConfig): Promise<BaseCheck> {
  try {
    const model = await readBaseModel(config.base.path);
    return { model, problems: [...modelProblems(model), ...adapterProblems(config, model)], need: undefined };
  } catch (thrown) {
    const failure = toDeltaScopeError(thrown);
    const { message, tip } = failure.toDocument();
    const problems = [error("base.path", tip === undefined ? message : `${message} ${tip}`)];
    return { model: undefined, problems, need: await needOf(config.base.path, failure) };
  }
}

async function needOf(base: string, failure: DeltaScopeError): Promise<HubNeed | undefined> {
  if (!isMissing(failure) || (await hubIdOf(base)) === undefined) return undefined;
  return { field: "base.path", source: isHubAddress(base) ? base : `hf://${base}`, select: null };
}

function modelProblems(model: BaseModel): Problem[] {
  const problems: Problem[] = [];
  if (!model.hasTokenizer) {
    problems.push(error("base.path", `${quote(model.folder)} has no tokenizer. Copy tokenizer.json into the folder.`));
  }
  if (model.modelType === undefined) {
    problems.push(error("base.path", `${quote(model.folder)} has no config.json with a model_type.`));
  }
  if (model.quantised !== undefined) {
    problems.push(error("base.path", `The base is quantised (${model.quantised}). Use the 16-bit original.`));
  }
  return problems;
}

function adapterProblems(config: RunConfig, model: BaseModel): Problem[] {
  if (config.method === "full" || model.linear.length === 0) return [];
  const { targets, rank } = config.lora;
  const unmatched = unmatchedTargets(targets, model);
  const narrow = targetedLayers(targets, model).find(({ rows, columns }) => rank > Math.min(rows, columns));
  return narrow === undefined ? unmatched : [...unmatched, tooHigh(rank, narrow)];
}

/** The layers that an adapter wraps, by peft's rule: a name, or its end after a dot. */
export function targetedLayers(targets: RunConfig["lora"]["targets"], { linear }: BaseModel): LinearLayer[] {
  if (targets === "all-linear") return linear;
  const entries = new Set(targets);
  return linear.filter(({ name }) => endsWithEntry(name, entries));
}

function unmatchedTargets(targets: RunConfig["lora"]["targets"], model: BaseModel): Problem[] {
  if (targets === "all-linear") return [];
  const kinds = quoteSome([...new Set(model.linear.map(({ kind }) => kind))].sort(), 12);
  return targets.flatMap((target, index) => {
    if (targetedLayers([target], model).length > 0) return [];
    const message = `${quote(target)} matches no linear layer of the base. It has ${kinds}.`;
    return [error(`lora.targets.${index}`, message)];
  });
}

function tooHigh(rank: number, { name, rows, columns }: LinearLayer): Problem {
  const most = Math.min(rows, columns);
  return error(
    "lora.rank",
    `Rank ${rank} is larger than ${quote(name)} allows (${rows} × ${columns}): at most ${most}.`,
  );
}

export function error(field: string, message: string): Problem {
  return { field, message, level: "error" };
}

export function warning(field: string, message: string): Problem {
  return { field, message, level: "warning" };
}
