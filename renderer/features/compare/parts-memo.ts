/** Draws a part of the view only when what it reads of the model changes. */
import { type ComponentType, memo } from "react";
import type { CompareModel } from "./compare-model.ts";

/**
 * @param keys all that the part reads; its props take no more, so the compiler finds what is missing
 */
export function memoPart<Key extends keyof CompareModel>(
  Part: ComponentType<{ compare: Pick<CompareModel, Key> }>,
  keys: readonly Key[],
): ComponentType<{ compare: CompareModel }> {
  const same = (before: { compare: Pick<CompareModel, Key> }, after: { compare: Pick<CompareModel, Key> }) =>
    keys.every((key) => before.compare[key] === after.compare[key]);
  return memo(Part, same) as ComponentType<{ compare: CompareModel }>;
}
