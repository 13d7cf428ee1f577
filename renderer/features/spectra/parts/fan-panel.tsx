/** E(k) of the chosen kind in every layer of one run. */
import { useComputedColorScheme } from "@mantine/core";
import { memo, useMemo } from "react";
import type { EnergyCurve } from "../../../../src/contract/domain/cells.ts";
import { formatNumberOf } from "../../../../src/contract/format.ts";
import { median } from "../../../../src/contract/statistics.ts";
import { EnergyFan, type FanLine } from "../../../charts/energy-fan.tsx";
import { FileText } from "../../../widgets/file-text.tsx";
import { Panel } from "../../../widgets/panel.tsx";
import { RunBadge } from "../../../widgets/run-badge.tsx";
import styles from "../spectra.module.css";
import type { RunSpectra, SpectraModel } from "../use-spectra.ts";

interface FanPanelProps {
  model: SpectraModel;
  spectra: RunSpectra;
  /** Longest spectrum over all runs. */
  size: number;
  onOpen: (run: string, module: string) => void;
}

/** Drawn again only for what it shows: rows of other panels arrive ten times a second. */
export const FanPanel = memo(FanPanelPart, (before, after) => {
  const { model: old, spectra: was } = before;
  const { model, spectra } = after;
  return (
    before.size === after.size &&
    was.run === spectra.run &&
    was.curves === spectra.curves &&
    was.rankLimit === spectra.rankLimit &&
    old.layers === model.layers &&
    old.range === model.range &&
    old.kind === model.kind &&
    old.search.x === model.search.x
  );
});

function FanPanelPart({ model, spectra, size, onOpen }: FanPanelProps) {
  const theme = useComputedColorScheme("light");
  const { run, curves, rankLimit } = spectra;
  const lines = useMemo(() => curves.map((curve) => fanLine(curve, model.layers)), [curves, model.layers]);
  const all = model.range ? curves.length : Math.max(curves.length, run.base.layers);
  return (
    <Panel
      className={styles.fan}
      testId={`fan-${run.letter}`}
      title={
        <span className={styles.runTitle}>
          <RunBadge letter={run.letter} />
          <FileText text={run.label} limit={28} />
          <span className={styles.detail}>
            <FileText text={run.detail} limit={32} />
          </span>
        </span>
      }
      actions={<span className={styles.note}>{layersText(curves.length, all)}</span>}
    >
      {lines.length === 0 ? (
        <p className={styles.note}>
          {run.state === "running" || run.state === "waiting"
            ? "Not computed yet; lines appear as modules are done."
            : `This run has no stored spectrum of ${model.kind ?? "this kind"} in these layers.`}
        </p>
      ) : (
        <EnergyFan
          name={`energy-${run.letter}-${model.kind}`}
          title={`E(k) of ${model.kind}, run ${run.letter}`}
          label={fanSentence(run.letter, model.kind, lines)}
          lines={lines}
          theme={theme}
          size={size}
          by={model.search.x ?? "k"}
          rankLimit={rankLimit}
          onOpen={(module) => onOpen(run.id, module)}
        />
      )}
    </Panel>
  );
}

/** "34 of 36 layers" where some are missing. */
function layersText(shown: number, all: number): string {
  return shown < all ? `${shown} of ${formatNumberOf(all, "layer")}` : formatNumberOf(shown, "layer");
}

function fanLine(curve: EnergyCurve, layers: readonly number[]): FanLine {
  const first = Math.min(...layers);
  const last = Math.max(...layers);
  const { name, layer, size, k, energy, k90 } = curve;
  return {
    id: name,
    label: layer === null ? name : `Layer ${layer}`,
    depth: last > first ? ((layer ?? first) - first) / (last - first) : 0.5,
    ...{ size, k, energy, k90 },
  };
}

function fanSentence(letter: string, kind: string | undefined, lines: readonly FanLine[]): string {
  const middle = median(lines.map(({ k90 }) => k90));
  return `Run ${letter}, ${kind}: cumulative energy of ${lines.length} layers; half of them need at most ${middle ?? "–"} directions for 90 %.`;
}
