/** J and K go through the flips, G changes between lost and gained. */
import { commandKey } from "../../widgets/key-commands.ts";
import { type KeyBinding, useKeys } from "../../widgets/keyboard.ts";

export interface FlipSteps {
  step: (by: 1 | -1) => void;
  turn: () => void;
  focusItem: () => boolean;
}

export function useForgettingKeys({ step, turn, focusItem }: FlipSteps, evaluate: () => void): void {
  const bindings: KeyBinding[] = [
    { ...commandKey("forgetting.next"), run: () => step(1) },
    { ...commandKey("forgetting.previous"), run: () => step(-1) },
    { ...commandKey("forgetting.turn"), run: turn },
    { ...commandKey("forgetting.evaluate"), run: evaluate },
    { keys: "Enter", does: "Open the item", run: focusItem },
  ];
  useKeys("Forgetting", bindings);
}
