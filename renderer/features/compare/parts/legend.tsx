/** The colour scale with its ticks; logarithmic or linear, following the data or locked. */
import { Menu, useComputedColorScheme } from "@mantine/core";
import { IconCheck, IconChevronDown, IconLock } from "@tabler/icons-react";
import { useId } from "react";
import { gradientStops } from "../../../charts/colour.ts";
import { ticks } from "../../../charts/scale.ts";
import type { CompareModel } from "../compare-model.ts";
import { formatDifferenceTick } from "../model/difference.ts";
import { domainText } from "../model/domain.ts";
import { positionOf } from "../model/heat-rows.ts";
import { formatMetricTick } from "../model/metrics.ts";
import { memoPart } from "../parts-memo.ts";
import styles from "./legend.module.css";

const width = 152;
const inset = 4;
const barHeight = 9;
/** Width of a digit in ticks, and the space between two of them. */
const digitWidth = 6.5;
const tickGap = 6;

const read = ["metric", "domain", "difference", "search", "update"] as const;
type LegendModel = Pick<CompareModel, (typeof read)[number]>;

export const Legend = memoPart(LegendPart, read);

function LegendPart({ compare }: { compare: LegendModel }) {
  const { difference } = compare;
  const theme = useComputedColorScheme("light");
  const gradient = useId();
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
        {legendTicks(compare).map(({ x, text, anchor }) => (
          <g key={text}>
            <line className={styles.tick} x1={x} x2={x} y1={barHeight + 2} y2={barHeight + 5} />
            <text className={styles.number} x={x} y={24} textAnchor={anchor}>
              {text}
            </text>
          </g>
        ))}
      </svg>
      <ScaleMenu compare={compare} />
    </span>
  );
}

function ScaleMenu({ compare: { metric, domain, difference, search, update } }: { compare: LegendModel }) {
  const locked = search.scale === "lock";
  const follow = (scale: "lin" | undefined) => update({ scale, domain: undefined }, true);
  const tick = (on: boolean) => (on ? <IconCheck size={14} stroke={1.6} aria-hidden="true" /> : undefined);
  return (
    <Menu width={220}>
      <Menu.Target>
        <button type="button" className={styles.kind} aria-label={`Scale: ${scaleName(domain.log, locked)}`}>
          {locked ? (
            <IconLock size={13} stroke={1.5} aria-hidden="true" />
          ) : difference ? (
            "÷"
          ) : domain.log ? (
            "log"
          ) : (
            "lin"
          )}
          <IconChevronDown size={10} stroke={1.6} aria-hidden="true" />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        {metric.log && !difference && (
          <>
            <Menu.Item rightSection={tick(!locked && domain.log)} onClick={() => follow(undefined)}>
              Logarithmic
            </Menu.Item>
            <Menu.Item rightSection={tick(!locked && !domain.log)} onClick={() => follow("lin")}>
              Linear
            </Menu.Item>
            <Menu.Divider />
          </>
        )}
        <Menu.Item
          rightSection={tick(locked)}
          onClick={() => (locked ? follow(undefined) : update({ scale: "lock", domain: domainText(domain) }, true))}
        >
          {locked ? "Unlock: follow the data" : "Lock these ends"}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

/** The word on the button is part of its name, for people who speak to the page. */
function scaleName(log: boolean, locked: boolean): string {
  return `${log ? "log" : "lin"}${locked ? ", locked" : ""}`;
}

function legendName({ metric, domain, difference }: LegendModel): string {
  if (difference) {
    const { first, second } = difference;
    return `Colour scale: difference of run ${first.letter} and run ${second.letter}, ${metric.phrase}, equal in the middle`;
  }
  const scale = domain.log ? "logarithmic" : "linear";
  return `Colour scale: ${metric.phrase}, ${formatMetricTick(metric, domain.low)} to ${formatMetricTick(metric, domain.high)}, ${scale}`;
}

interface LegendTick {
  x: number;
  text: string;
  anchor: "start" | "middle" | "end";
}

/** Ticks along the bar; both ends stay, what would touch its neighbours goes. */
function legendTicks(compare: LegendModel): LegendTick[] {
  const { metric, domain, difference } = compare;
  const look = { metric, difference, domain, letter: "" };
  const values = difference ? [domain.high, 0, domain.low] : ticks(domain);
  const whole = metric.counts && !difference ? values.filter(Number.isInteger) : values;
  const placed = whole
    .map((value) =>
      tickAt(
        positionOf(value, look),
        difference ? formatDifferenceTick(value, difference) : formatMetricTick(metric, value),
      ),
    )
    .sort((a, b) => a.x - b.x);
  const last = placed.at(-1);
  const kept: LegendTick[] = [];
  for (const tick of placed) {
    const clear = (other: LegendTick | undefined) =>
      other === undefined || other === tick || gapBetween(other, tick) >= tickGap;
    if (tick === last || (clear(kept.at(-1)) && clear(last))) kept.push(tick);
  }
  return kept;
}

function tickAt(position: number, text: string): LegendTick {
  const x = Math.round(inset + width * Math.min(1, Math.max(0, position)));
  const half = (text.length * digitWidth) / 2;
  const anchor = x - half < 0 ? "start" : x + half > width + 2 * inset ? "end" : "middle";
  return { x, text, anchor };
}

function gapBetween(a: LegendTick, b: LegendTick): number {
  const [left, right] = a.x <= b.x ? [a, b] : [b, a];
  return spanOf(right)[0] - spanOf(left)[1];
}

function spanOf({ x, text, anchor }: LegendTick): [number, number] {
  const whole = text.length * digitWidth;
  const from = anchor === "start" ? x : anchor === "end" ? x - whole : x - whole / 2;
  return [from, from + whole];
}
