/** Long series for pictures: of each stretch the smallest and the largest value stay, so no spike is lost. */

/** At most `most` points, in their order; the first and the last one stay. */
export function thinned<Point>(points: readonly Point[], most: number, sizeOf: (point: Point) => number): Point[] {
  if (points.length <= most) return [...points];
  const inner = points.slice(1, -1);
  const stretches = Math.max(1, Math.floor((most - 2) / 2));
  const kept = Array.from({ length: stretches }, (_, index) => {
    const from = Math.floor((index * inner.length) / stretches);
    const to = Math.floor(((index + 1) * inner.length) / stretches);
    return extremes(inner.slice(from, to), sizeOf);
  });
  return [...points.slice(0, 1), ...kept.flat(), ...points.slice(-1)];
}

function extremes<Point>(stretch: readonly Point[], sizeOf: (point: Point) => number): Point[] {
  let lowest = 0;
  let highest = 0;
  for (const [index, point] of stretch.entries()) {
    if (sizeOf(point) < sizeOf(stretch[lowest] as Point)) lowest = index;
    if (sizeOf(point) > sizeOf(stretch[highest] as Point)) highest = index;
  }
  const places = [...new Set([Math.min(lowest, highest), Math.max(lowest, highest)])];
  return places.flatMap((place) => stretch[place] ?? []);
}
