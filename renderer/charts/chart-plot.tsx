/** The drawing of a chart with its focus: data points by pointer and by arrow keys, told in the same words. */
import { type KeyboardEvent, type MouseEvent, type ReactNode, type RefObject, useMemo } from "react";
import styles from "./chart-figure.module.css";
import { movedIndex } from "./chart-keys.ts";
import { ChartTip, tipSentence } from "./chart-tip.tsx";
import type { Tips } from "./tips.ts";
import type { Size } from "./use-size.ts";
import { type Active, useTips } from "./use-tips.ts";

interface ChartPlotProps {
  label: string;
  size: Size;
  tips: ((size: Size) => Tips) | undefined;
  plot: RefObject<HTMLDivElement | null>;
  onTable: () => void;
  children: (size: Size) => ReactNode;
}

export function ChartPlot({ label, size, tips: makeTips, plot, onTable, children }: ChartPlotProps) {
  const tips = useMemo(() => makeTips?.(size), [makeTips, size]);
  const drawn = useMemo(() => children(size), [children, size]);
  const { active, point, leave, show, pin } = useTips(tips);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const action = actionFor(event.key, tips, active, { onTable, leave: () => leave(true), show });
    if (!action) return;
    action();
    event.preventDefault();
    event.stopPropagation();
  };
  const onClick = (event: MouseEvent) => {
    if (active && (event.altKey || tips?.opensOnClick)) tips?.onOpen?.(active.index);
    else pin();
  };
  return (
    <>
      <div
        ref={plot}
        className={styles.plot}
        role="img"
        aria-label={label}
        aria-keyshortcuts="ArrowLeft ArrowRight D"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: arrow keys read the data points of the picture
        tabIndex={0}
        onKeyDown={onKeyDown}
        onPointerMove={(event) => point(event.currentTarget, event)}
        onPointerLeave={() => leave(false)}
        onBlur={() => leave(true)}
        onClick={onClick}
      >
        {drawn}
        {tips && active && <Overlay size={size} tips={tips} active={active} />}
      </div>
      {tips && active?.shown && plot.current && <Tip tips={tips} active={active} plot={plot.current} />}
      <span className="visually-hidden" role="status">
        {tips && active?.by === "keyboard" ? tipSentence(tips.describe(active.index)) : ""}
      </span>
    </>
  );
}

interface Actions {
  onTable: () => void;
  leave: () => void;
  show: (index: number) => void;
}

function actionFor(key: string, tips: Tips | undefined, active: Active | undefined, actions: Actions) {
  if (key === "d" || key === "D") return actions.onTable;
  if (active && key === "Escape") return actions.leave;
  if (active && key === "Enter") return () => tips?.onOpen?.(active.index);
  const index = tips && movedIndex(active?.index, key, tips.count, tips.columns);
  return index === undefined ? undefined : () => actions.show(index);
}

function Overlay({ size, tips, active }: { size: Size; tips: Tips; active: Active }) {
  const { x, y } = tips.at(active.index, active.x);
  return (
    <svg className={styles.overlay} width={size.width} height={size.height} aria-hidden="true">
      {tips.mark ? tips.mark(active.index) : <circle cx={x} cy={y} r={4} className={styles.dot} />}
    </svg>
  );
}

function Tip({ tips, active, plot }: { tips: Tips; active: Active; plot: HTMLElement }) {
  const origin = plot.getBoundingClientRect();
  const { x, y } = tips.at(active.index, active.x);
  return <ChartTip content={tips.describe(active.index)} at={{ x: origin.x + x, y: origin.y + y }} />;
}
