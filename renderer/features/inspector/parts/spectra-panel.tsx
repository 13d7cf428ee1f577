/** Spectra of W0, W and ΔW with the intruders as diamonds. */
import { useMemo } from "react";
import type { ModuleMeasures } from "../../../../src/contract/domain/analysis.ts";
import type { AppRun } from "../../../../src/contract/domain/cells.ts";
import { formatCount } from "../../../../src/contract/format.ts";
import { runMark } from "../../../charts/marks.tsx";
import { roundingFloor } from "../../../charts/rounding-floor.ts";
import { SpectrumChart } from "../../../charts/spectrum.tsx";
import { Panel } from "../../../widgets/panel.tsx";
import styles from "../inspector.module.css";
import { endNote, type ModuleSpectra } from "../model/spectra.ts";
import type { Tested } from "../model/tested.ts";
import { LegendLine, LegendMark } from "./legend.tsx";

interface SpectraPanelProps {
  run: AppRun;
  module: ModuleMeasures;
  spectra: ModuleSpectra;
  tested: Tested | undefined;
  adapterRank: number | null;
  dtype: string;
  highlighted: number | undefined;
  /** Vectors at λσ; empty as trained. */
  scaled: readonly { rank: number; from: number; to: number }[];
  chartName: string;
}

export function SpectraPanel(props: SpectraPanelProps) {
  const { run, module, spectra, tested, adapterRank, dtype, highlighted, scaled, chartName } = props;
  const intruders = useMemo(
    () =>
      (tested?.intruders ?? []).map(({ rank, singularValue, upper, share }) => ({
        rank,
        singularValue,
        best: upper,
        share,
      })),
    [tested],
  );
  const floor = useMemo(() => roundingFloor(module.rounding, dtype), [module, dtype]);
  const partial = !spectra.whole && spectra.base.length > 0;
  return (
    <Panel
      title="Spectra"
      className={styles.chartPanel}
      testId="panel-spectra"
      actions={
        <span className={styles.legend}>
          <LegendLine colour="var(--run-base)" dash="1.5 3">
            W₀
          </LegendLine>
          <LegendLine colour="var(--text)">W</LegendLine>
          <LegendLine colour={runMark(run.letter).colour}>ΔW</LegendLine>
          <LegendMark>intruder</LegendMark>
          {scaled.length > 0 && <LegendMark hollow>at λ</LegendMark>}
        </span>
      }
    >
      <SpectrumChart
        name={chartName}
        label={spectraSentence(spectra, intruders.length)}
        base={spectra.base}
        tuned={spectra.tuned}
        delta={spectra.delta}
        size={spectra.size}
        colour={runMark(run.letter).colour}
        intruders={intruders}
        scaled={scaled}
        highlighted={highlighted}
        endNote={endNote(spectra, adapterRank)}
        floor={floor}
        startNote={
          partial ? `W₀, W: first ${formatCount(spectra.base.length)} of ${formatCount(spectra.size)}` : undefined
        }
      />
    </Panel>
  );
}

function spectraSentence({ base, delta, size, whole }: ModuleSpectra, intruders: number): string {
  const known = whole ? "all" : `the first ${formatCount(base.length)} of ${formatCount(size)}`;
  return `Singular values on log axes: ${known} of W0 and W, ${formatCount(delta.length)} of ΔW, ${intruders} intruders marked.`;
}
