/** All ready-made tasks. */
import { DeltaScopeError } from "../../../../contract/errors.ts";
import { quote } from "../../../source/quote.ts";
import { arcChallenge, arcEasy } from "./arc.ts";
import { boolq } from "./boolq.ts";
import { commonsenseQa } from "./commonsense-qa.ts";
import type { Definition } from "./definition.ts";
import { hellaswag } from "./hellaswag.ts";
import { mmlu } from "./mmlu.ts";
import { openbookqa } from "./openbookqa.ts";
import { piqa } from "./piqa.ts";
import { pubmedqa } from "./pubmedqa.ts";
import { sciq } from "./sciq.ts";
import { wikitext } from "./wikitext.ts";
import { winogrande } from "./winogrande.ts";

/** In the order in which they are listed; the subjects of MMLU last. */
export const definitions: readonly Definition[] = [
  boolq,
  commonsenseQa,
  hellaswag,
  arcEasy,
  arcChallenge,
  winogrande,
  piqa,
  openbookqa,
  sciq,
  pubmedqa,
  wikitext,
  ...mmlu,
];

/** Throws `task.unknown`. */
export function findDefinition(key: string): Definition {
  const definition = definitions.find((each) => each.key === key);
  if (definition !== undefined) return definition;
  throw new DeltaScopeError("task.unknown", `There is no ready-made task ${quote(key)}.`, key);
}
