/** Colours of the page for the canvas, read once per theme. */
import { colourTable, type ScaleKind, type ThemeName } from "../colour.ts";
import type { Paints } from "./draw.ts";

const hatchSize = 6;

/** @param context of the canvas that will use the hatch */
export function readPaints(context: CanvasRenderingContext2D, kind: ScaleKind, theme: ThemeName): Paints {
  const style = getComputedStyle(document.documentElement);
  const read = (name: string) => style.getPropertyValue(name).trim() || "#888888";
  const font = getComputedStyle(document.body).fontFamily;
  return {
    table: colourTable(kind, theme),
    sunken: read("--hover"),
    hatch: hatch(context, read("--sunken"), read("--line-strong")),
    hatchGround: read("--sunken"),
    hatchLine: read("--line-strong"),
    badWeak: read("--bad-weak"),
    bad: read("--bad"),
    quiet: read("--text-3"),
    font: `500 11px ${font}`,
  };
}

/** Thin diagonal lines; a flat ground where the browser makes no pattern. */
function hatch(context: CanvasRenderingContext2D, ground: string, line: string): CanvasPattern | string {
  const tile = document.createElement("canvas");
  const scale = window.devicePixelRatio || 1;
  tile.width = hatchSize * scale;
  tile.height = hatchSize * scale;
  const drawing = tile.getContext("2d");
  if (!drawing) return ground;
  drawing.scale(scale, scale);
  drawing.fillStyle = ground;
  drawing.fillRect(0, 0, hatchSize, hatchSize);
  drawing.strokeStyle = line;
  drawing.lineWidth = 0.8;
  drawing.beginPath();
  for (const shift of [-hatchSize, 0, hatchSize]) {
    drawing.moveTo(shift, hatchSize);
    drawing.lineTo(shift + hatchSize, 0);
  }
  drawing.stroke();
  const pattern = context.createPattern(tile, "repeat");
  if (pattern && typeof DOMMatrix === "function") pattern.setTransform(new DOMMatrix().scale(1 / scale));
  return pattern ?? ground;
}
