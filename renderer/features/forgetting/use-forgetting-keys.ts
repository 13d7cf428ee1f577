/** J and K go through the flips, G changes between lost and gained. */
import { type KeyBinding, useKeys } from "../../widgets/keyboard.ts";

export interface FlipSteps {
  step: (by: 1 | -1) => void;
  turn: () => void;
  focusItem: () => boolean;
}

export function useForgettingKeys({ step, turn, focusItem }: FlipSteps, evaluate: () => void): void {
  const bindings: KeyBinding[] = [
    { keys: "J", does: "Next flip", run: () => step(1) },
    { keys: "K", does: "Previous flip", run: () => step(-1) },
    { keys: "G", does: "Lost or gained flips", run: turn },
    { keys: "E", does: "Evaluate", run: evaluate },
    { keys: "Enter", does: "Open the item", run: focusItem },
  ];
  useKeys("Forgetting", bindings);
}
