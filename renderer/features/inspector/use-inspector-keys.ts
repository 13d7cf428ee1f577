/** J and K go through modules with intruders, with Shift through all; R shows the same module in the next run. */

import { announce } from "../../widgets/announce.ts";
import { commandKey } from "../../widgets/key-commands.ts";
import { type KeyBinding, useKeys } from "../../widgets/keyboard.ts";
import { hasIntruders, neighbour } from "./model/place.ts";
import type { Place } from "./use-place.ts";

export interface Steps {
  intruders: (step: 1 | -1) => void;
  any: (step: 1 | -1) => void;
  nextRun: () => void;
}

export function useSteps(place: Place): Steps {
  const { run, own, row, settings, family, rows, open } = place;
  const go = (step: 1 | -1, passes: (candidate: (typeof own)[number]) => boolean, none: string) => {
    const next = run && neighbour(own, row, step, passes);
    if (run && next) open(run.id, next);
    else announce(none);
  };
  return {
    intruders: (step) =>
      go(step, (candidate) => hasIntruders(candidate, settings), "No other module of this run has intruders."),
    any: (step) => go(step, () => true, "This run has no other module."),
    nextRun: () => {
      if (!run || !row) return;
      const at = family.indexOf(run);
      const following = [...family.slice(at + 1), ...family.slice(0, at)];
      const next = following.find(({ analysis }) =>
        rows.some((candidate) => candidate.analysis === analysis && candidate.name === row.name),
      );
      if (next) open(next.id, row);
      else announce("No other run has this module.");
    },
  };
}

export function useInspectorKeys(steps: Steps): void {
  const bindings: KeyBinding[] = [
    { ...commandKey("inspector.next"), run: () => steps.intruders(1) },
    { ...commandKey("inspector.previous"), run: () => steps.intruders(-1) },
    { keys: "Shift+J", does: "Next module", run: () => steps.any(1) },
    { keys: "Shift+K", does: "Previous module", run: () => steps.any(-1) },
    { ...commandKey("inspector.run"), run: () => steps.nextRun() },
    { ...commandKey("inspector.lambda"), run: focusLambda },
  ];
  useKeys("Inspector", bindings);
}

/** The slider of λ; false where it is not shown. */
function focusLambda(): boolean {
  const slider = document.querySelector<HTMLElement>("[data-lambda-slider] [role='slider']");
  slider?.focus();
  return slider !== null;
}
