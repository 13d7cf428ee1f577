/** What the status bar says while the Theory lab is shown. */
import { formatCount, formatNumberOf } from "../../../../src/contract/format.ts";
import { Kbd } from "../../../widgets/kbd.tsx";
import { StatusSlot } from "../../../widgets/status-slot.tsx";
import type { TheoryModel } from "../use-theory.ts";

export function TheoryStatus({ model: { simulation, setting } }: { model: TheoryModel }) {
  const { done, total, running, held, error } = simulation;
  const state =
    error !== null
      ? "the simulation failed"
      : held
        ? "not simulated yet"
        : `${formatCount(done)} of ${formatNumberOf(total, "place")} simulated`;
  return (
    <>
      <StatusSlot side="left">
        <span data-testid="simulation" data-done={done} data-total={total} data-running={running}>
          <b>{formatNumberOf(setting.seeds, "seed")}</b>
          {setting.seeds > 0 && ` · ${state}`}
        </span>
      </StatusSlot>
      <StatusSlot side="right">
        <span>hover a curve to read it</span>
        <span>
          <Kbd keys="←" /> <Kbd keys="→" /> step the focused slider
        </span>
        <span>
          <Kbd keys="D" /> data table
        </span>
      </StatusSlot>
    </>
  );
}
