/** The brushed range of layers. */

export interface Brush {
  from: number;
  to: number;
}

/** `24-35` or `7`, cut to the layers that exist; undefined when nothing is left. */
export function parseBrush(text: string | undefined, layers: number): Brush | undefined {
  if (text === undefined || layers === 0) return undefined;
  const [first = Number.NaN, last = first] = text.split("-").map(Number);
  const from = Math.max(0, Math.min(first, last));
  const to = Math.min(layers - 1, Math.max(first, last));
  return Number.isNaN(from) || from > to ? undefined : { from, to };
}

/** Undefined for no brush, and for one over everything. */
export function brushText(brush: Brush | undefined, layers: number): string | undefined {
  if (brush === undefined || (brush.from === 0 && brush.to === layers - 1)) return undefined;
  return brush.from === brush.to ? `${brush.from}` : `${brush.from}-${brush.to}`;
}

/** From where a drag began to where it is. */
export function brushBetween(start: number, end: number): Brush {
  return { from: Math.min(start, end), to: Math.max(start, end) };
}

/** Moves one edge by whole layers; edges do not cross. Without a brush the whole stack is the start. */
export function moveEdge(brush: Brush | undefined, edge: "from" | "to", step: number, layers: number): Brush {
  const whole = brush ?? { from: 0, to: layers - 1 };
  if (edge === "from") return { ...whole, from: Math.min(whole.to, Math.max(0, whole.from + step)) };
  return { ...whole, to: Math.max(whole.from, Math.min(layers - 1, whole.to + step)) };
}

/** Modules outside the layers belong to no brush. */
export function inBrush(layer: number | null, brush: Brush | undefined): boolean {
  return brush === undefined || (layer !== null && layer >= brush.from && layer <= brush.to);
}

export function brushLabel({ from, to }: Brush): string {
  return from === to ? `Layer ${from}` : `Layers ${from}–${to}`;
}
