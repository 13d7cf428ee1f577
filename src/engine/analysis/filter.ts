/** Which modules of a pairing an analysis looks at. */
import type { AnalysisSpec } from "../../contract/domain/analysis.ts";
import type { Role } from "../../contract/domain/checkpoint.ts";
import { DeltaScopeError, thrownMessage } from "../../contract/errors.ts";

/** Longer names are cut before matching, so that a user's pattern cannot be made to run for ever by a file. */
const longestMatchedName = 512;

export type ModuleFilter = (module: { name: string; role: Role }) => boolean;

/** @throws DeltaScopeError `usage.invalid` when `--modules` is not a regular expression. */
export function moduleFilter(spec: Pick<AnalysisSpec, "modules" | "layers">): ModuleFilter {
  const pattern = spec.modules === undefined ? undefined : compile(spec.modules);
  const layers = spec.layers;
  return ({ name, role }) => {
    if (pattern && !pattern.test(name.slice(0, longestMatchedName))) return false;
    if (!layers) return true;
    return role.layer !== null && role.layer >= layers.from && role.layer <= layers.to;
  };
}

function compile(pattern: string): RegExp {
  try {
    return new RegExp(pattern);
  } catch (error) {
    const reason = thrownMessage(error);
    throw new DeltaScopeError("usage.invalid", `--modules "${pattern}" is not a regular expression: ${reason}`);
  }
}
