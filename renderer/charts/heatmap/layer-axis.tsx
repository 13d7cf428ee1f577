/** The shared x axis with the brush: numbers, the brushed range with handles, drag to brush. */
import { type KeyboardEvent, type PointerEvent, useRef } from "react";
import { layerTicks } from "../axis-helpers.ts";
import { columnAt, columnEdge, type Geometry, gutterWidth } from "./geometry.ts";
import styles from "./layer-axis.module.css";

interface Range {
  from: number;
  to: number;
}

interface LayerAxisProps {
  geometry: Geometry;
  range: Range | undefined;
  /** Words over the summaries at the right. */
  summary: string;
  /** While dragging. */
  onDrag: (range: Range) => void;
  /** Drag ended; undefined after a click that brushed nothing. */
  onDone: (range: Range | undefined) => void;
}

/** Fewer pixels of movement are a click. */
const clickDistance = 3;
const widthOfNumber = 26;

interface Drag {
  /** The end that stays. */
  fixed: number;
  startX: number;
  moved: boolean;
  edge: boolean;
}

export function LayerAxis({ geometry, range, summary, onDrag, onDone }: LayerAxisProps) {
  const drag = useRef<Drag>(undefined);
  const plane = useRef<HTMLDivElement>(null);
  const columnOf = (event: PointerEvent) =>
    columnAt(geometry, event.clientX - (plane.current?.getBoundingClientRect().left ?? 0));

  const start = (event: PointerEvent, fixed?: number) => {
    if (event.button !== 0) return;
    event.preventDefault();
    event.stopPropagation();
    plane.current?.setPointerCapture(event.pointerId);
    drag.current = { fixed: fixed ?? columnOf(event), startX: event.clientX, moved: false, edge: fixed !== undefined };
  };
  const move = (event: PointerEvent) => {
    const held = drag.current;
    if (!held) return;
    held.moved ||= Math.abs(event.clientX - held.startX) > clickDistance;
    if (held.moved) onDrag(between(held.fixed, columnOf(event)));
  };
  const end = (event: PointerEvent) => {
    const held = drag.current;
    drag.current = undefined;
    if (!held) return;
    if (held.moved) onDone(between(held.fixed, columnOf(event)));
    else if (!held.edge) onDone(undefined);
  };
  const most = Math.max(2, Math.floor(geometry.width / widthOfNumber));
  return (
    <div className={styles.axis} style={{ width: gutterWidth + geometry.width + geometry.margin }}>
      <span className={styles.caption} style={{ width: gutterWidth - 8 }}>
        Layer
      </span>
      <div
        ref={plane}
        className={styles.plane}
        style={{ left: gutterWidth, width: geometry.width }}
        onPointerDown={start}
        onPointerMove={move}
        onPointerUp={end}
        onPointerCancel={() => {
          drag.current = undefined;
        }}
        title="Drag to brush layers"
        data-testid="layer-axis"
      >
        {layerTicks(0, geometry.columns - 1, Math.min(most, 14)).map((layer) => (
          <span
            key={layer}
            className={`${styles.tick} ${range && layer >= range.from && layer <= range.to ? styles.inside : ""}`}
            style={{ left: (columnEdge(geometry, layer) + columnEdge(geometry, layer + 1)) / 2 }}
          >
            {layer}
          </span>
        ))}
        {range && <Brush geometry={geometry} range={range} onGrab={start} onStep={onDone} />}
      </div>
      <span className={styles.summary}>{summary}</span>
    </div>
  );
}

interface BrushProps {
  geometry: Geometry;
  range: Range;
  onGrab: (event: PointerEvent, fixed: number) => void;
  onStep: (range: Range) => void;
}

function Brush({ geometry, range, onGrab, onStep }: BrushProps) {
  const left = columnEdge(geometry, range.from);
  const right = columnEdge(geometry, range.to + 1);
  const last = geometry.columns - 1;
  return (
    <>
      <span className={styles.range} style={{ left, width: right - left - 1 }} data-testid="brush" />
      <Handle
        label="First brushed layer"
        at={left}
        value={range.from}
        limits={[0, range.to]}
        onGrab={(event) => onGrab(event, range.to)}
        onStep={(from) => onStep({ ...range, from })}
      />
      <Handle
        label="Last brushed layer"
        at={right - 1}
        value={range.to}
        limits={[range.from, last]}
        onGrab={(event) => onGrab(event, range.from)}
        onStep={(to) => onStep({ ...range, to })}
      />
    </>
  );
}

interface HandleProps {
  label: string;
  at: number;
  value: number;
  limits: readonly [number, number];
  onGrab: (event: PointerEvent) => void;
  onStep: (value: number) => void;
}

function Handle({ label, at, value, limits: [least, most], onGrab, onStep }: HandleProps) {
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    onStep(Math.min(most, Math.max(least, value + step)));
  };
  return (
    <span
      role="slider"
      tabIndex={0}
      className={styles.handle}
      style={{ left: at }}
      aria-label={label}
      aria-valuemin={least}
      aria-valuemax={most}
      aria-valuenow={value}
      onPointerDown={onGrab}
      onKeyDown={onKeyDown}
    />
  );
}

function between(a: number, b: number): Range {
  return { from: Math.min(a, b), to: Math.max(a, b) };
}
