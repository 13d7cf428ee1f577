/** What the status bar says while Forgetting is shown: what is asked, and the keys. */
import { formatNumberOf } from "../../../../src/contract/format.ts";
import { CommandKeys } from "../../../widgets/command-keys.tsx";
import { Kbd } from "../../../widgets/kbd.tsx";
import { StatusSlot } from "../../../widgets/status-slot.tsx";
import type { ForgettingModel } from "../use-forgetting.ts";

export function ForgettingStatus({ model }: { model: ForgettingModel }) {
  const { spec, shown, document } = model;
  const points = document?.sweep.filter(({ lambda }) => lambda !== 1).length ?? 0;
  return (
    <>
      <StatusSlot side="left">
        {spec && (
          <span>
            <b>
              {formatNumberOf(spec.tasks.length, "task")} × {formatNumberOf(shown.length + 1, "checkpoint")}
            </b>
            {points > 0 && `, ${formatNumberOf(points, "λ point")}`}
          </span>
        )}
      </StatusSlot>
      <StatusSlot side="right">
        <span>
          <CommandKeys of={["forgetting.next", "forgetting.previous"]} /> next flip · <Kbd keys="Enter" /> open item ·{" "}
          <CommandKeys of={["forgetting.turn"]} /> lost, gained
        </span>
      </StatusSlot>
    </>
  );
}
