/** The colour scale with its ticks; logarithmic or linear; locked on wish. */
import { useComputedColorScheme } from "@mantine/core";
import { IconLock, IconLockOpen } from "@tabler/icons-react";
import { useId } from "react";
import { gradientStops } from "../../../charts/colour.ts";
import { ticks } from "../../../charts/scale.ts";
import { IconButton } from "../../../widgets/icon-button.tsx";
import type { CompareModel } from "../compare-model.ts";
import { formatDifference } from "../model/difference.ts";
import { domainText } from "../model/domain.ts";
import { positionOf } from "../model/heat-rows.ts";
import { formatTick } from "../model/metrics.ts";
import styles from "./legend.module.css";

const width = 152;
const inset = 4;
const barHeight = 9;
/** Narrower neighbours would touch. */
const tickSpace = 34;

export function Legend({ compare }: { compare: CompareModel }) {
  const { metric, domain, difference, search, update } = compare;
  const theme = useComputedColorScheme("light");
  const gradient = useId();
  const locked = search.scale === "lock";
  const canSwitch = metric.log && !difference && !locked;
  const lock = () =>
    update(locked ? { scale: undefined, domain: undefined } : { scale: "lock", domain: domainText(domain) }, true);
  return (
    <span className={styles.legend} data-testid="legend">
      <svg width={width + 2 * inset} height={26} role="img" aria-label={legendName(compare)}>
        <defs>
          <linearGradient id={gradient}>
            {gradientStops(difference ? "diverging" : "sequential", theme).map(({ offset, colour }) => (
              <stop key={offset} offset={offset} stopColor={colour} />
            ))}
          </linearGradient>
        </defs>
        <rect x={inset} y={2} width={width} height={barHeight} rx={2} fill={`url(#${gradient})`} />
        {legendTicks(compare).map(({ x, text }) => (
          <g key={text}>
            <line className={styles.tick} x1={x} x2={x} y1={barHeight + 2} y2={barHeight + 5} />
            <text className={styles.number} x={x} y={24} textAnchor={anchorAt(x)}>
              {text}
            </text>
          </g>
        ))}
      </svg>
      {!difference && (
        <button
          type="button"
          className={styles.kind}
          disabled={!canSwitch}
          title={canSwitch ? "Switch between a logarithmic and a linear scale" : undefined}
          onClick={() => update({ scale: domain.log ? "lin" : undefined }, true)}
        >
          {domain.log ? "log" : "lin"}
        </button>
      )}
      <IconButton
        label={locked ? "Let the scale follow the data" : "Lock the scale"}
        aria-pressed={locked}
        size={24}
        onClick={lock}
      >
        {locked ? (
          <IconLock size={14} stroke={1.4} aria-hidden="true" />
        ) : (
          <IconLockOpen size={14} stroke={1.4} aria-hidden="true" />
        )}
      </IconButton>
    </span>
  );
}

function legendName({ metric, domain, difference }: CompareModel): string {
  if (difference) {
    const { first, second } = difference;
    return `Colour scale: difference of run ${first.letter} and run ${second.letter}, ${metric.phrase}, equal in the middle`;
  }
  const scale = domain.log ? "logarithmic" : "linear";
  return `Colour scale: ${metric.phrase}, ${formatTick(metric, domain.low)} to ${formatTick(metric, domain.high)}, ${scale}`;
}

/** Ticks that keep clear of each other, by their place on the bar. */
function legendTicks(compare: CompareModel): { x: number; text: string }[] {
  const { metric, domain, difference } = compare;
  const look = { metric, difference, domain, letter: "" };
  const values = difference ? [domain.high, 0, domain.low] : ticks(domain);
  const whole = metric.counts && !difference ? values.filter(Number.isInteger) : values;
  const placed = whole
    .map((value) => ({
      x: Math.round(inset + width * positionOf(value, look)),
      text: difference ? formatDifference(value, difference) : formatTick(metric, value),
    }))
    .sort((a, b) => a.x - b.x);
  return placed.filter(
    ({ x }, index) => index === 0 || x - (placed[index - 1]?.x ?? 0) >= tickSpace || index === placed.length - 1,
  );
}

function anchorAt(x: number): "start" | "middle" | "end" {
  if (x < inset + 14) return "start";
  return x > inset + width - 14 ? "end" : "middle";
}
