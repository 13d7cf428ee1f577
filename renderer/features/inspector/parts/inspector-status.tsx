/** What the status bar says while the Inspector is shown. */
import type { AppRun, ModuleRow } from "../../../../src/contract/domain/cells.ts";
import { CommandKeys } from "../../../widgets/command-keys.tsx";
import { Kbd } from "../../../widgets/kbd.tsx";
import { StatusSlot } from "../../../widgets/status-slot.tsx";
import { hasIntruders, placeAmong } from "../model/place.ts";
import type { Place } from "../use-place.ts";

export function InspectorStatus({ place, run, row }: { place: Place; run: AppRun; row: ModuleRow }) {
  const { index, count } = placeAmong(place.own, row, (candidate) => hasIntruders(candidate, place.settings));
  return (
    <>
      <StatusSlot side="left">
        <span>
          {index === undefined ? `${count} modules with intruders` : `Module ${index} of ${count} with intruders`}
        </span>
        <span>
          <CommandKeys of={["inspector.next", "inspector.previous"]} /> next, previous
        </span>
        <span>
          <CommandKeys of={["inspector.lambda"]} /> focus λ
        </span>
        <span>
          <CommandKeys of={["inspector.run"]} /> change run, same module
        </span>
      </StatusSlot>
      <StatusSlot side="right">
        <span>{run.asMerged ? "rounded as merged" : "merged in float32"} · stored result</span>
        <span>
          <Kbd keys="D" /> data table of a chart
        </span>
      </StatusSlot>
    </>
  );
}
