/** Where an arrow key leads from one datum of a chart. */

/**
 * The next index, or undefined when the key means nothing here. With `columns` the data are rows and columns of a grid;
 * without, every arrow steps through one list. Nothing active: any key shows the first datum.
 */
export function movedIndex(
  index: number | undefined,
  key: string,
  count: number,
  columns: number | undefined,
): number | undefined {
  const step = stepOf(key, columns);
  if (step === undefined || count === 0) return undefined;
  if (index === undefined) return key === "End" ? count - 1 : 0;
  const next = index + step;
  if (Math.abs(step) === Number.POSITIVE_INFINITY) return step > 0 ? count - 1 : 0;
  if (columns !== undefined && Math.abs(step) === 1) return sameRow(index, next, columns) ? next : index;
  return next < 0 || next >= count ? index : next;
}

function sameRow(index: number, next: number, columns: number): boolean {
  return next >= 0 && Math.floor(index / columns) === Math.floor(next / columns);
}

function stepOf(key: string, columns = 1): number | undefined {
  switch (key) {
    case "ArrowRight":
      return 1;
    case "ArrowLeft":
      return -1;
    case "ArrowDown":
      return columns;
    case "ArrowUp":
      return -columns;
    case "End":
      return Number.POSITIVE_INFINITY;
    case "Home":
      return Number.NEGATIVE_INFINITY;
    default:
      return undefined;
  }
}
