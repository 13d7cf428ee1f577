/** The layer profile under the tracks; it can be folded away. */
import { IconChevronDown, IconChevronRight } from "@tabler/icons-react";
import { useCallback, useMemo, useState } from "react";
import { gutterWidth } from "../../../charts/heatmap/geometry.ts";
import { LayerProfile } from "../../../charts/layer-profile.tsx";
import type { Domain } from "../../../charts/scale.ts";
import type { CompareModel } from "../compare-model.ts";
import { domainOf } from "../model/domain.ts";
import { formatTick } from "../model/metrics.ts";
import { layerProfile, type ProfileLine } from "../model/profile.ts";
import styles from "./profile.module.css";

/** On lower screens the tracks need the room. */
const lowScreen = 820;

export function Profile({ compare, width }: { compare: CompareModel; width: number }) {
  const { grid, metric, decide, brush, selected, stale } = compare;
  const tracks = useProfiled(compare);
  const [open, setOpen] = useState(() => window.innerHeight > lowScreen);
  const lines = useMemo(() => layerProfile(tracks, grid, metric, decide), [tracks, grid, metric, decide]);
  const domain = useProfileDomain(compare, lines);
  const series = useMemo(
    () => lines.map(({ run, points }) => ({ id: run.id, letter: run.letter, label: run.label, points })),
    [lines],
  );
  const tick = useCallback((value: number) => formatTick(metric, value), [metric]);
  const Icon = open ? IconChevronDown : IconChevronRight;
  return (
    <section className={styles.profile} aria-label="Layer profile">
      <button type="button" className={styles.title} aria-expanded={open} onClick={() => setOpen(!open)}>
        <Icon size={12} stroke={1.6} aria-hidden="true" />
        <span>
          <b>{metric.label}</b>, median of modules per layer
        </span>
      </button>
      {open && (
        <div className={`${styles.plot} ${stale ? "stale" : ""}`}>
          <LayerProfile
            name="layer-profile"
            title={`${metric.label} by layer`}
            label={`Median ${metric.phrase} per layer of ${tracks.map(({ run }) => `run ${run.letter}`).join(", ")}`}
            series={series}
            columns={grid.layers.length}
            left={gutterWidth}
            width={width}
            domain={domain}
            format={metric.format}
            formatTick={tick}
            range={brush}
            cursor={selected && selected.layer >= 0 && selected.layer < grid.layers.length ? selected.layer : undefined}
          />
        </div>
      )}
    </section>
  );
}

/** A difference is profiled by the two runs it is made of. */
function useProfiled({ tracks, difference }: CompareModel): CompareModel["tracks"] {
  return useMemo(
    () => (difference ? tracks.filter(({ run }) => run === difference.first || run === difference.second) : tracks),
    [tracks, difference],
  );
}

/** The heatmap's scale, so that both speak of the same range; a difference has a scale of another kind. */
function useProfileDomain({ domain, metric, difference }: CompareModel, lines: readonly ProfileLine[]): Domain {
  return useMemo(() => {
    if (!difference) return domain;
    const values = lines.flatMap(({ points }) => points.map(({ value }) => value));
    return domainOf(metric, values) ?? { low: metric.log ? 0.01 : 0, high: 1, log: metric.log };
  }, [difference, domain, metric, lines]);
}
