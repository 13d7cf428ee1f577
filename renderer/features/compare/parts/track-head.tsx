/** Head of a track: fold, badge, name, detail, progress, totals of what is in sight. */
import { IconChevronDown, IconChevronRight } from "@tabler/icons-react";
import { memo, useMemo } from "react";
import type { AppRun } from "../../../../src/contract/domain/cells.ts";
import { formatCount, formatEffectiveRank, formatNumberOf, formatShare } from "../../../../src/contract/format.ts";
import { FileText } from "../../../widgets/file-text.tsx";
import { ProgressBar } from "../../../widgets/progress-bar.tsx";
import { RunBadge } from "../../../widgets/run-badge.tsx";
import { type BrushDraft, useFollowingBrush } from "../brush-draft.ts";
import type { Brush } from "../model/brush.ts";
import type { TrackRows } from "../model/grid.ts";
import { isUnfinished } from "../model/runs.ts";
import type { Decider } from "../model/test-settings.ts";
import { countedRows, type Totals, totalsOf } from "../model/totals.ts";
import styles from "./track.module.css";

interface TrackHeadProps {
  source: TrackRows;
  brush: Brush | undefined;
  draft: BrushDraft;
  kinds: readonly string[];
  decide: Decider;
  width: number;
  onFold: () => void;
}

export const TrackHead = memo(function TrackHead(props: TrackHeadProps) {
  const { source, kinds, decide, width, onFold } = props;
  const { run, rows } = source;
  const brush = useFollowingBrush(props.draft, props.brush);
  const totals = useMemo(() => totalsOf(countedRows(rows, brush, kinds), decide), [rows, brush, kinds, decide]);
  return (
    <div className={styles.head} style={{ width }}>
      <button
        type="button"
        className={styles.fold}
        aria-expanded="true"
        aria-label={`Fold run ${run.letter}`}
        onClick={onFold}
      >
        <IconChevronDown size={12} stroke={1.6} aria-hidden="true" />
      </button>
      <RunBadge letter={run.letter} />
      <h2 className={styles.name}>
        <FileText text={run.label} limit={48} />
      </h2>
      <span className={styles.detail}>{run.detail}</span>
      <span className={styles.gap} />
      {isUnfinished(run) && <RunProgress run={run} stored={rows.length} />}
      <TotalsText totals={totals} />
    </div>
  );
});

function RunProgress({ run, stored }: { run: AppRun; stored: number }) {
  const done = Math.max(run.modules, stored);
  return (
    <>
      <span className={styles.progress}>
        {formatCount(done)} of {formatCount(run.total)} computed
      </span>
      <ProgressBar label={`Analysis of run ${run.letter}`} done={done} total={run.total} width={92} />
    </>
  );
}

export function TotalsText({ totals }: { totals: Totals }) {
  const { intruders, undecided, withIntruders, failed, effectiveRank, relative } = totals;
  return (
    <span className={styles.totals}>
      {failed > 0 && <span className={styles.failed}>{formatNumberOf(failed, "module")} failed</span>}
      {intruders === null ? (
        <span>intruders not measured</span>
      ) : (
        <span>
          <b
            className={intruders > 0 ? styles.intruders : undefined}
          >{`${undecided > 0 ? "≥ " : ""}${formatCount(intruders)}`}</b>
          {` ${intruders === 1 ? "intruder" : "intruders"} in ${formatNumberOf(withIntruders, "module")}`}
        </span>
      )}
      <span title="Median effective rank (entropy) of the modules in sight">
        eff. rank <b>{formatEffectiveRank(effectiveRank)}</b>
      </span>
      <span title="‖ΔW‖ / ‖W0‖ over the modules in sight">
        rel. change <b>{formatShare(relative)}</b>
      </span>
    </span>
  );
}

/** What stands in the gutter of a folded track. */
export function FoldedHead({ run, onFold }: { run: AppRun; onFold: () => void }) {
  return (
    <button
      type="button"
      className={styles.folded}
      aria-expanded="false"
      title={`${run.label} · ${run.detail}`}
      onClick={onFold}
    >
      <IconChevronRight size={12} stroke={1.6} aria-hidden="true" />
      <RunBadge letter={run.letter} />
      <span className={styles.foldedName}>
        <FileText text={run.label} limit={24} />
      </span>
    </button>
  );
}
