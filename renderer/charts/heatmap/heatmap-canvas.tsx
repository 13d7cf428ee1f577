/** The canvas under a track: draws what changed since the last time. */
import { useComputedColorScheme } from "@mantine/core";
import { memo, useLayoutEffect, useRef } from "react";
import type { ScaleKind } from "../colour.ts";
import { drawings } from "../export-parts.ts";
import type { HeatRow } from "./cells.ts";
import { drawRows, type Paints } from "./draw.ts";
import type { Geometry } from "./geometry.ts";
import { readPaints } from "./paints.ts";
import { heatmapDrawing } from "./svg-context.ts";

interface HeatmapCanvasProps {
  rows: readonly HeatRow[];
  geometry: Geometry;
  scale: ScaleKind;
}

interface Drawn {
  rows: readonly HeatRow[];
  geometry: Geometry;
  paints: Paints;
}

export const HeatmapCanvas = memo(function HeatmapCanvas({ rows, geometry, scale }: HeatmapCanvasProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const drawn = useRef<Drawn>(undefined);
  const theme = useComputedColorScheme("light");
  const painted = useRef("");

  useLayoutEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!canvas.current || !context) return;
    const look = `${theme} ${scale}`;
    const same = drawn.current?.geometry === geometry && drawn.current.rows.length === rows.length;
    if (!same) resize(canvas.current, context, geometry, rows.length);
    const paints =
      drawn.current && painted.current === look && same ? drawn.current.paints : readPaints(context, scale, theme);
    const before = paints === drawn.current?.paints ? drawn.current.rows : undefined;
    drawRows(context, geometry, rows, paints, before);
    drawn.current = { rows, geometry, paints };
    painted.current = look;
    drawings.set(canvas.current, () => heatmapDrawing(geometry, rows, paints));
  }, [rows, geometry, scale, theme]);

  const style = { width: geometry.width, height: rows.length * geometry.rowHeight, display: "block" };
  return (
    <div aria-hidden="true">
      <canvas ref={canvas} style={style} />
    </div>
  );
});

/** Setting a canvas's size clears it. */
function resize(canvas: HTMLCanvasElement, context: CanvasRenderingContext2D, geometry: Geometry, rows: number): void {
  const density = window.devicePixelRatio || 1;
  canvas.width = Math.round(geometry.width * density);
  canvas.height = Math.round(rows * geometry.rowHeight * density);
  context.setTransform(density, 0, 0, density, 0, 0);
}
