/** Where a control arm cannot do what it is named for, so that nobody takes it for an equal of the intervention. */
import { type Alert, makeAlert } from "../../contract/alerts.ts";
import type { Intervention } from "../../contract/domain/edit.ts";
import type { ModuleEdit } from "../../contract/intervention.ts";
import { quoteSome } from "../source/quote.ts";

export interface EditedModule {
  /** Vectors that the intervention scales. */
  chosen: readonly number[];
  edit: ModuleEdit;
}

export function armAlerts(edited: readonly EditedModule[], { arm, lambda }: Intervention): Alert[] {
  if (arm === "neighbour") return lonelyAlert(edited);
  if (arm === "step") return clampedAlert(edited);
  return arm === "shrink" && lambda < 1 ? grownAlert(edited) : [];
}

/** The neighbour arm does less than the intervention where there are too few vectors that are no intruders. */
function lonelyAlert(edited: readonly EditedModule[]): Alert[] {
  const short = edited.filter(({ chosen, edit }) => edit.vectors.length < chosen.length);
  if (short.length === 0) return [];
  const message = `In ${namesOf(short)} there are fewer vectors that are no intruders than chosen ones; the others have no counterpart.`;
  return [makeAlert("edit.no-neighbour", message, short[0]?.edit.module)];
}

/** A step of the intervention's length would lead past the base where the intervention takes out a part of W0 too. */
function clampedAlert(edited: readonly EditedModule[]): Alert[] {
  const clamped = edited.filter(({ edit }) => edit.factor === 0);
  if (clamped.length === 0) return [];
  const message = `In ${namesOf(clamped)} the intervention's step is longer than ΔW; ΔW is removed there, and the control is shorter.`;
  return [makeAlert("edit.step-clamped", message, clamped[0]?.edit.module)];
}

/** What the intervention takes out of W0 counts in the norm that it leaves, which may be more than was there. */
function grownAlert(edited: readonly EditedModule[]): Alert[] {
  const grown = edited.filter(({ edit }) => edit.factor > 1);
  if (grown.length === 0) return [];
  const message = `In ${namesOf(grown)} the intervention leaves ‖W − W0‖ larger than it was, so this control makes ΔW larger too.`;
  return [makeAlert("edit.shrink-grew", message, grown[0]?.edit.module)];
}

function namesOf(edited: readonly EditedModule[]): string {
  return quoteSome(
    edited.map(({ edit }) => edit.module),
    3,
  );
}
