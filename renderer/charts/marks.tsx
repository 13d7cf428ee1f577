/** Markers whose shape tells runs apart where colour cannot, and the dashes of their lines. */

export type MarkShape = "circle" | "square" | "triangle" | "diamond" | "ring" | "frame" | "cross";

interface MarkProps {
  shape: MarkShape;
  x: number;
  y: number;
  size?: number;
  fill: string;
  stroke: string;
  strokeWidth?: number;
}

export function Mark({ shape, x, y, size = 3, fill, stroke, strokeWidth = 1.5 }: MarkProps) {
  const paint = { fill, stroke, strokeWidth };
  if (shape === "square" || shape === "frame")
    return <rect x={x - size} y={y - size} width={2 * size} height={2 * size} {...paint} />;
  if (shape === "circle" || shape === "ring") return <circle cx={x} cy={y} r={size} {...paint} />;
  return <path d={outline(shape, x, y, size)} {...paint} />;
}

function outline(shape: MarkShape, x: number, y: number, size: number): string {
  const far = size * 1.35;
  switch (shape) {
    case "diamond":
      return `M${x} ${y - far}L${x + far} ${y}L${x} ${y + far}L${x - far} ${y}Z`;
    case "triangle":
      return `M${x} ${y - size * 1.2}L${x + size * 1.2} ${y + size}L${x - size * 1.2} ${y + size}Z`;
    default:
      return `M${x - size} ${y - size}L${x + size} ${y + size}M${x + size} ${y - size}L${x - size} ${y + size}`;
  }
}

interface RunMark {
  colour: string;
  dash: string | undefined;
  shape: MarkShape;
}

const shapes: Record<string, MarkShape> = {
  A: "circle",
  B: "square",
  C: "triangle",
  D: "diamond",
  E: "ring",
  F: "frame",
  G: "ring",
  H: "frame",
};
const dashes: Record<string, string> = {
  C: "5 3",
  D: "2 2.5",
  E: "7 3",
  F: "1.5 2.5",
  G: "9 2 2 2",
  H: "9 2 2 2",
};

/** Colour, dash and marker of a run go together. */
export function runMark(letter: string): RunMark {
  return { colour: `var(--run-${letter})`, dash: dashes[letter], shape: shapes[letter] ?? "circle" };
}

/** The base in charts: grey, dotted. */
export const baseMark: RunMark = { colour: "var(--run-base)", dash: "1.5 3", shape: "cross" };
