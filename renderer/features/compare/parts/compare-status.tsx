/** The view's words in the status bar: progress, selection, keys. */
import { formatCount, formatNumberOf } from "../../../../src/contract/format.ts";
import { ProgressBar } from "../../../widgets/progress-bar.tsx";
import { StatusSlot } from "../../../widgets/status-slot.tsx";
import type { CompareModel } from "../compare-model.ts";
import { brushLabel } from "../model/brush.ts";
import { isUnfinished } from "../model/runs.ts";
import { placeTitle } from "../model/selection.ts";

export function CompareStatus({ compare }: { compare: CompareModel }) {
  const { runs, selected, brush, state } = compare;
  if (state !== "ready") return null;
  const done = runs.reduce((sum, run) => sum + run.modules, 0);
  const total = runs.reduce((sum, run) => sum + run.total, 0);
  return (
    <>
      <StatusSlot side="left">
        <span>
          <b>{runs.some(isUnfinished) ? `${formatCount(done)} of ${formatCount(total)}` : formatCount(total)}</b>{" "}
          modules in {formatNumberOf(runs.length, "run")}
        </span>
        {runs.some(isUnfinished) && <ProgressBar label="Modules of all runs" done={done} total={total} width={92} />}
      </StatusSlot>
      <StatusSlot side="right">
        {selected && <span>{placeTitle(selected)} selected</span>}
        {brush && <span>{brushLabel(brush)} brushed</span>}
        <span>Link carries this view</span>
      </StatusSlot>
    </>
  );
}
