/** The view's words in the status bar: progress, selection, keys. */
import { formatCount, formatNumberOf } from "../../../../src/contract/format.ts";
import { ProgressBar } from "../../../widgets/progress-bar.tsx";
import { StatusSlot } from "../../../widgets/status-slot.tsx";
import type { CompareModel } from "../compare-model.ts";
import { brushLabel } from "../model/brush.ts";
import { placeTitle } from "../model/selection.ts";

export function CompareStatus({ compare }: { compare: CompareModel }) {
  const { runs, selected, brush, state } = compare;
  if (state !== "ready") return null;
  return (
    <>
      <StatusSlot side="left">
        <ModulesCount runs={runs} />
      </StatusSlot>
      <StatusSlot side="right">
        {selected && <span>{placeTitle(selected)} selected</span>}
        {brush && <span>{brushLabel(brush)} brushed</span>}
        <span>Link carries this view</span>
      </StatusSlot>
    </>
  );
}

/** While a job runs, the bar's own progress counts its modules; a second count would lag behind it. */
function ModulesCount({ runs }: Pick<CompareModel, "runs">) {
  const done = runs.reduce((sum, run) => sum + run.modules, 0);
  const total = runs.reduce((sum, run) => sum + run.total, 0);
  const words = `modules in ${formatNumberOf(runs.length, "run")}`;
  if (runs.some(({ state }) => state === "running" || state === "waiting")) return null;
  if (done >= total) {
    return (
      <span>
        <b>{formatCount(total)}</b> {words}
      </span>
    );
  }
  return (
    <>
      <span>
        <b>{`${formatCount(done)} of ${formatCount(total)}`}</b> {words}
      </span>
      <ProgressBar label="Modules of all runs" done={done} total={total} width={92} />
    </>
  );
}
