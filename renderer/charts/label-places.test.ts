import { expect, test } from "vitest";
import { type LabelPlace, placeLabels } from "./label-places.ts";

const bounds = { left: 0, right: 400, top: 0, bottom: 300 };
const named = (letter: string, x: number, y: number) => ({ x, y, name: `${letter} lora-r4`, short: letter });

/** An independent look: glyphs of Inter at 11 px are about 6 px wide and 11 px high. */
function extent({ text, x, y, anchor }: LabelPlace) {
  const width = text.length * 6;
  const left = x - (anchor === "end" ? width : anchor === "middle" ? width / 2 : 0);
  return { left, right: left + width, top: y - 8, bottom: y + 2 };
}

test("a name alone stands left of its mark", () => {
  expect(placeLabels([named("A", 200, 100)], bounds)).toEqual([{ text: "A lora-r4", x: 192, y: 104, anchor: "end" }]);
});

test("names of close points cover neither each other nor the marks", () => {
  const points = [named("A", 300, 60), named("B", 285, 60), named("D", 240, 60), named("F", 273, 47)];
  const places = placeLabels(points, bounds).map(extent);
  for (const [index, one] of places.entries()) {
    for (const other of places.slice(index + 1)) {
      const apart =
        one.right <= other.left || other.right <= one.left || one.bottom <= other.top || other.bottom <= one.top;
      expect(apart, `${JSON.stringify(one)} ${JSON.stringify(other)}`).toBe(true);
    }
    for (const { x, y } of points) {
      expect(x > one.left && x < one.right && y > one.top && y < one.bottom).toBe(false);
    }
  }
});

test("nothing leaves the chart; without room the letter stays", () => {
  const [left] = placeLabels([named("A", 10, 100)], bounds);
  expect(left).toMatchObject({ x: 18, anchor: "start" });
  const narrow = placeLabels([named("A", 20, 15)], { left: 0, right: 45, top: 0, bottom: 30 });
  expect(narrow[0]?.text).toBe("A");
});
