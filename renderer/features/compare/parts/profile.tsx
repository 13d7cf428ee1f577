/** The layer profile under the tracks; it can be folded away. */
import { IconChevronDown, IconChevronRight } from "@tabler/icons-react";
import { memo, useCallback, useMemo, useState } from "react";
import { gutterWidth } from "../../../charts/heatmap/geometry.ts";
import { LayerProfile, ProfileOverlay } from "../../../charts/layer-profile.tsx";
import type { Domain } from "../../../charts/scale.ts";
import { useShownBrush } from "../brush-draft.ts";
import type { CompareModel } from "../compare-model.ts";
import { domainOf } from "../model/domain.ts";
import { formatMetricTick } from "../model/metrics.ts";
import { layerProfile, type ProfileLine } from "../model/profile.ts";
import { useThrottled } from "../use-throttled.ts";
import styles from "./profile.module.css";

/** On lower screens the tracks need the room. */
const lowScreen = 820;
/** As in profile.module.css. */
const plotHeight = 92;

/** While results arrive the lines follow at this pace, in milliseconds. */
const pace = 600;

type ProfileModel = Pick<
  CompareModel,
  "tracks" | "grid" | "metric" | "decide" | "domain" | "difference" | "brush" | "draft" | "selected" | "stale"
>;

interface ProfileProps {
  compare: ProfileModel;
  /** Of the columns of the heatmap. */
  width: number;
}

export function Profile({ compare, width }: ProfileProps) {
  const { metric, stale } = compare;
  const [open, setOpen] = useState(() => window.innerHeight > lowScreen);
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
        <div className={styles.plot} data-stale={stale || undefined}>
          <ProfileRange compare={compare} width={width} />
          <ProfileLines compare={compare} width={width} />
        </div>
      )}
    </section>
  );
}

function ProfileRange({ compare, width }: ProfileProps) {
  const { brush, draft, selected, grid } = compare;
  const range = useShownBrush(draft, brush);
  const count = grid.layers.length;
  const cursor = selected && selected.layer >= 0 && selected.layer < count ? selected.layer : undefined;
  return (
    <ProfileOverlay
      columns={count}
      left={gutterWidth}
      width={width}
      height={plotHeight}
      range={range}
      cursor={cursor}
    />
  );
}

const ProfileLines = memo(ProfileLinesPart, (before, after) => {
  const keys = ["tracks", "grid", "metric", "decide", "domain", "difference"] as const;
  return before.width === after.width && keys.every((key) => before.compare[key] === after.compare[key]);
});

function ProfileLinesPart({ compare, width }: ProfileProps) {
  const { grid, metric, decide, difference } = compare;
  const newest = useProfiled(compare);
  const runs = newest.map(({ run }) => run.id).join();
  const tracks = useThrottled(newest, runs, pace);
  const lines = useMemo(() => layerProfile(tracks, grid, metric, decide), [tracks, grid, metric, decide]);
  const domain = useProfileDomain(compare, lines);
  const series = useMemo(
    () => lines.map(({ run, points }) => ({ id: run.id, letter: run.letter, label: run.label, points })),
    [lines],
  );
  const tick = useCallback((value: number) => formatMetricTick(metric, value), [metric]);
  const letters = tracks.map(({ run }) => `run ${run.letter}`).join(", ");
  const against = difference ? ", the two runs of the difference" : "";
  return (
    <LayerProfile
      name="layer-profile"
      title={`${metric.label} by layer`}
      label={`Median ${metric.phrase} per layer of ${letters}${against}`}
      series={series}
      columns={grid.layers.length}
      left={gutterWidth}
      width={width}
      domain={domain}
      format={metric.format}
      formatTick={tick}
    />
  );
}

/** A difference is profiled by the two runs it is made of. */
function useProfiled({ tracks, difference }: ProfileModel): CompareModel["tracks"] {
  return useMemo(
    () => (difference ? tracks.filter(({ run }) => run === difference.first || run === difference.second) : tracks),
    [tracks, difference],
  );
}

/** The heatmap's scale, so that both speak of the same range; a difference has a scale of another kind. */
function useProfileDomain({ domain, metric, difference }: ProfileModel, lines: readonly ProfileLine[]): Domain {
  return useMemo(() => {
    if (!difference) return domain;
    const values = lines.flatMap(({ points }) => points.map(({ value }) => value));
    return domainOf(metric, values) ?? { low: metric.log ? 0.01 : 0, high: 1, log: metric.log };
  }, [difference, domain, metric, lines]);
}
