/** The drawing commands of the heatmap as SVG elements, so that an exported drawing has no pixels. */
import type { HeatRow } from "./cells.ts";
import { type DrawingContext, drawRows, type Paints } from "./draw.ts";
import type { Geometry } from "./geometry.ts";

const namespace = "http://www.w3.org/2000/svg";
const hatchId = "heatmap-waiting";

/** Cells as a group of rectangles and texts; colours as the canvas has them. */
export function heatmapDrawing(geometry: Geometry, rows: readonly HeatRow[], paints: Paints): SVGElement {
  const group = make("g", {});
  group.append(hatchPattern(paints));
  drawRows(svgContext(group), geometry, rows, { ...paints, hatch: `url(#${hatchId})` }, undefined);
  return group;
}

function make(name: string, attributes: Record<string, string | number>): SVGElement {
  const element = document.createElementNS(namespace, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  return element;
}

function hatchPattern({ hatchGround, hatchLine }: Paints): SVGElement {
  const pattern = make("pattern", { id: hatchId, width: 6, height: 6, patternUnits: "userSpaceOnUse" });
  pattern.append(
    make("rect", { width: 6, height: 6, fill: hatchGround }),
    make("path", { d: "M-6 6L0 0M0 6L6 0M6 6L12 0", stroke: hatchLine, "stroke-width": 0.8 }),
  );
  return pattern;
}

type Rectangle = [x: number, y: number, width: number, height: number, radius: number];

/** Only what `drawRows` calls. */
function svgContext(into: SVGElement): DrawingContext {
  let path: Rectangle | undefined;
  let dash: number[] = [];
  const rectangle = (paint: Record<string, string | number>) => {
    if (!path) return;
    const [x, y, width, height, rx] = path;
    into.append(make("rect", { x, y, width, height, rx, ...paint }));
  };
  const context: DrawingContext = {
    fillStyle: "",
    strokeStyle: "",
    lineWidth: 1,
    font: "",
    textAlign: "center",
    textBaseline: "middle",
    clearRect: () => undefined,
    beginPath: () => {
      path = undefined;
    },
    roundRect: (x, y, width, height, radius) => {
      path = [x ?? 0, y ?? 0, width ?? 0, height ?? 0, Number(radius ?? 0)];
    },
    setLineDash: (segments) => {
      dash = [...segments];
    },
    fill: () => rectangle({ fill: String(context.fillStyle) }),
    stroke: () =>
      rectangle({
        fill: "none",
        stroke: String(context.strokeStyle),
        "stroke-width": context.lineWidth,
        "stroke-dasharray": dash.join(" "),
      }),
    fillText: (text, x, y) => {
      const style = `font:${context.font}`;
      const label = make("text", {
        x,
        y: y + baseline,
        "text-anchor": "middle",
        fill: String(context.fillStyle),
        style,
      });
      label.textContent = text;
      into.append(label);
    },
  };
  return context;
}

/** From the middle of a line to its baseline at 11 px. */
const baseline = 3.8;
