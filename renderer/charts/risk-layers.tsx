/** Marks of a chart of risks, each a layer of SVG over the lines. */
import { type PlotBox, spreadLabels, xPosition, yPosition } from "./axis-helpers.ts";
import { Mark } from "./marks.tsx";
import styles from "./plot.module.css";
import type { RiskChartProps, RiskSeries } from "./risk-chart.tsx";
import type { RiskAxes } from "./risk-tips.ts";

interface Place {
  box: PlotBox;
  axes: RiskAxes;
}
type Part<Key extends keyof RiskChartProps> = Place & Required<Pick<RiskChartProps, Key>>;

/** Height that a direct label needs. */
const labelGap = 14;
/** Crossovers with words; the others keep their ring. */
const mostWords = 4;

function bottomOf(box: PlotBox): number {
  return box.height - box.bottom;
}

function isShown({ box, axes }: Place, x: number, y: number): boolean {
  const [px, py] = [xPosition(axes.x, box, x), yPosition(axes.y, box, y)];
  return px >= box.left - 1 && px <= box.width - box.right + 1 && py >= box.top - 1 && py <= bottomOf(box) + 1;
}

export function Shade({ box, axes, shade }: Place & Pick<RiskChartProps, "shade">) {
  if (!shade) return null;
  const end = Math.min(xPosition(axes.x, box, shade.below), box.width - box.right);
  if (!(end > box.left)) return null;
  return (
    <g>
      <rect x={box.left} y={box.top} width={end - box.left} height={bottomOf(box) - box.top} className={styles.faint} />
      <text className={styles.note} x={box.left + 6} y={box.top + 13}>
        {shade.text}
      </text>
    </g>
  );
}

export function Guides({ box, axes, guides }: Part<"guides">) {
  return guides
    .filter(({ x }) => isShown({ box, axes }, x, axes.y.domain.low))
    .map(({ x, text, accent }) => {
      const px = xPosition(axes.x, box, x);
      const left = px > box.width - box.right - 70;
      return (
        <g key={text} style={accent ? { color: "var(--accent)" } : undefined}>
          <line
            className={accent ? styles.chosenGuide : styles.reference}
            x1={px}
            x2={px}
            y1={box.top}
            y2={bottomOf(box)}
          />
          <text
            className={accent ? styles.strong : styles.label}
            fill={accent ? "var(--accent)" : undefined}
            x={px + (left ? -4 : 4)}
            y={bottomOf(box) - (accent ? 20 : 6)}
            textAnchor={left ? "end" : "start"}
          >
            {text}
          </text>
        </g>
      );
    });
}

export function Levels({ box, axes, levels }: Part<"levels">) {
  return levels
    .filter(({ y }) => isShown({ box, axes }, axes.x.domain.low, y))
    .map(({ y, text, colour }) => {
      const py = yPosition(axes.y, box, y);
      return (
        <g key={text}>
          <line x1={box.left} x2={box.width - box.right} y1={py} y2={py} stroke={colour} strokeWidth={1.4} />
          <text className={styles.strong} fill={colour} x={box.left + 6} y={py - 5}>
            {text}
          </text>
        </g>
      );
    });
}

/** Simulated means with a bar of two standard errors either way, so that a miss is seen. */
export function Means({ box, axes, series }: Place & { series: readonly RiskSeries[] }) {
  return series.flatMap(({ id, colour, shape, means = [] }) =>
    means
      .filter(({ x, mean }) => isShown({ box, axes }, x, mean))
      .map(({ x, mean, se }) => {
        const px = xPosition(axes.x, box, x);
        const end = (value: number) => Math.max(box.top, Math.min(bottomOf(box), yPosition(axes.y, box, value)));
        return (
          <g key={`${id} ${x}`} data-mean={id}>
            <line x1={px} x2={px} y1={end(mean - 2 * se)} y2={end(mean + 2 * se)} stroke={colour} />
            <Mark
              shape={shape}
              x={px}
              y={yPosition(axes.y, box, mean)}
              size={2.5}
              fill="var(--panel)"
              stroke={colour}
              strokeWidth={1.3}
            />
          </g>
        );
      }),
  );
}

export function Spots({ box, axes, spots }: Part<"spots">) {
  return spots
    .filter(({ x, y }) => isShown({ box, axes }, x, y))
    .map(({ x, y, text, colour, quiet }) => {
      const [px, py] = [xPosition(axes.x, box, x), yPosition(axes.y, box, y)];
      const left = px > box.width - box.right - 60;
      return (
        <g key={`${text} ${x} ${y}`}>
          <circle
            cx={px}
            cy={py}
            r={quiet ? 2.6 : 4}
            fill={quiet ? "var(--panel)" : colour}
            stroke={colour}
            strokeWidth={1.4}
          />
          {!quiet && (
            <text
              className={styles.strong}
              fill={colour}
              x={px + (left ? -9 : 9)}
              y={py + 13}
              textAnchor={left ? "end" : "start"}
            >
              {text}
            </text>
          )}
        </g>
      );
    });
}

export function Crossings({ box, axes, crossings }: Part<"crossings">) {
  const shown = crossings.filter(({ x, y }) => isShown({ box, axes }, x, y));
  const heights = shown.map(({ y }) => yPosition(axes.y, box, y) - 9);
  const words = spreadLabels(heights, labelGap, box.top + 10, bottomOf(box) - 8);
  return shown.map(({ x, y, text }, index) => {
    const px = xPosition(axes.x, box, x);
    const left = px > box.width - box.right - 120;
    return (
      <g key={text} data-crossing={text}>
        <circle cx={px} cy={yPosition(axes.y, box, y)} r={6} fill="none" stroke="var(--text)" strokeWidth={1.6} />
        {index < mostWords && (
          <text
            className={styles.strong}
            fill="var(--text)"
            x={px + (left ? -10 : 10)}
            y={words[index]}
            textAnchor={left ? "end" : "start"}
          >
            {text}
          </text>
        )}
      </g>
    );
  });
}

export function EndLabels({ box, axes, series }: Place & { series: readonly RiskSeries[] }) {
  const ends = series.flatMap((one) => {
    const last = one.points.findLast(({ x, y }) => Number.isFinite(y) && isShown({ box, axes }, x, y));
    return last ? [{ one, y: yPosition(axes.y, box, last.y) }] : [];
  });
  const placed = spreadLabels(
    ends.map(({ y }) => y + 4),
    labelGap,
    box.top + 4,
    bottomOf(box),
  );
  return ends.map(({ one: { id, name, colour, quiet } }, index) => (
    <text
      key={id}
      className={quiet ? styles.label : styles.strong}
      fill={colour}
      x={box.width - box.right + 6}
      y={placed[index]}
    >
      {name}
    </text>
  ));
}
