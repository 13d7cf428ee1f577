/** What a recipe names and this machine lacks, each with the way to it. */
import { useQueryClient } from "@tanstack/react-query";
import type { HubNeed } from "../../../../src/contract/domain/hub.ts";
import type { FieldProblem } from "../../../../src/contract/domain/training.ts";
import { HubOffer } from "../../../sheets/hub-offer.tsx";
import formStyles from "../recipe.module.css";
import type { DraftModel } from "../use-draft.ts";

/** @param field whose needs are shown: `base`, `data.files` */
export function HubOffers({ model, field }: { model: DraftModel; field: string }) {
  const queries = useQueryClient();
  const distinct = new Map(needsOf(model, field).map((need) => [JSON.stringify([need.source, need.select]), need]));
  if (distinct.size === 0) return undefined;
  return (
    <div className={formStyles.offers}>
      {[...distinct].map(([key, need]) => (
        <HubOffer
          key={key}
          source={need.source}
          select={need.select}
          onEnd={() => void queries.invalidateQueries({ queryKey: ["training-resolve"] })}
        />
      ))}
    </div>
  );
}

/** Problems of a field that no offer stands for. */
export function otherProblems(model: DraftModel, field: string): FieldProblem[] {
  const offered = new Set(needsOf(model, field).map((need) => need.field));
  return model.problemsOf(field).filter((problem) => !offered.has(problem.field));
}

function needsOf({ resolution }: DraftModel, field: string): HubNeed[] {
  return resolution?.missing.filter((need) => need.field.startsWith(`${field}.`)) ?? [];
}
