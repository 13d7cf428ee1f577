/** Where names of points go so that none covers another or a mark; a name that finds no room is cut to its short form. */

export interface LabelledPoint {
  x: number;
  y: number;
  name: string;
  /** What stands where the name has no room. */
  short: string;
}

export interface LabelPlace {
  text: string;
  x: number;
  /** Baseline of the text. */
  y: number;
  anchor: "start" | "middle" | "end";
}

interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** At 11 px and weight 600; wider than most words, so that the guess is on the safe side. */
const letterWidth = 6.4;
const ascent = 9;
const descent = 3;
/** Half of a mark with the air around it. */
const markReach = 6;

/** From the mark, the best place first. */
const places: readonly { dx: number; dy: number; anchor: LabelPlace["anchor"] }[] = [
  { dx: -8, dy: 4, anchor: "end" },
  { dx: 8, dy: 4, anchor: "start" },
  { dx: 0, dy: 18, anchor: "middle" },
  { dx: 0, dy: -10, anchor: "middle" },
  { dx: 4, dy: 18, anchor: "end" },
  { dx: -4, dy: 18, anchor: "start" },
  { dx: 4, dy: -10, anchor: "end" },
  { dx: -4, dy: -10, anchor: "start" },
];

/** One place for each point, in their order: earlier points choose first. */
export function placeLabels(points: readonly LabelledPoint[], bounds: Box): LabelPlace[] {
  const marks = points.map(({ x, y }) => around(x, y));
  const taken: Box[] = [];
  return points.map((point, index) => {
    const blocked = [...taken, ...marks.filter((_, other) => other !== index)];
    const place = firstFree(point, blocked, bounds) ?? candidates(point, point.short)[0];
    if (place === undefined) throw new Error("There is always a first place.");
    taken.push(boxOf(place));
    return place;
  });
}

function firstFree(point: LabelledPoint, blocked: readonly Box[], bounds: Box): LabelPlace | undefined {
  return [...candidates(point, point.name), ...candidates(point, point.short)].find((place) => {
    const box = boxOf(place);
    return isInside(box, bounds) && blocked.every((other) => !overlap(box, other));
  });
}

function candidates({ x, y }: LabelledPoint, text: string): LabelPlace[] {
  return places.map(({ dx, dy, anchor }) => ({ text, x: x + dx, y: y + dy, anchor }));
}

function boxOf({ text, x, y, anchor }: LabelPlace): Box {
  const width = text.length * letterWidth;
  const left = anchor === "start" ? x : anchor === "end" ? x - width : x - width / 2;
  return { left, right: left + width, top: y - ascent, bottom: y + descent };
}

function around(x: number, y: number): Box {
  return { left: x - markReach, right: x + markReach, top: y - markReach, bottom: y + markReach };
}

function isInside(box: Box, bounds: Box): boolean {
  return box.left >= bounds.left && box.right <= bounds.right && box.top >= bounds.top && box.bottom <= bounds.bottom;
}

function overlap(one: Box, other: Box): boolean {
  return one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom;
}
