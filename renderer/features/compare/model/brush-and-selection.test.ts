/** Brush, selection, and where keys lead. */
import { describe, expect, test } from "vitest";
import { brushBetween, brushLabel, brushText, inBrush, moveEdge, parseBrush } from "./brush.ts";
import { outside } from "./grid.ts";
import { move, nextMarked, parsePlace, placeText, placeTitle } from "./selection.ts";

describe("brush", () => {
  test("an address is cut to the layers that exist", () => {
    expect(parseBrush("24-35", 36)).toEqual({ from: 24, to: 35 });
    expect(parseBrush("35-24", 36)).toEqual({ from: 24, to: 35 });
    expect(parseBrush("7", 36)).toEqual({ from: 7, to: 7 });
    expect(parseBrush("2-99", 4)).toEqual({ from: 2, to: 3 });
    expect(parseBrush("50-99", 4)).toBeUndefined();
    expect(parseBrush(undefined, 4)).toBeUndefined();
  });

  test("a brush over everything is no brush", () => {
    expect(brushText({ from: 0, to: 3 }, 4)).toBeUndefined();
    expect(brushText({ from: 1, to: 3 }, 4)).toBe("1-3");
    expect(brushText({ from: 2, to: 2 }, 4)).toBe("2");
    expect(brushLabel({ from: 2, to: 2 })).toBe("Layer 2");
  });

  test("edges stay in the stack and do not cross", () => {
    expect(moveEdge({ from: 1, to: 2 }, "from", -5, 4)).toEqual({ from: 0, to: 2 });
    expect(moveEdge({ from: 1, to: 2 }, "from", 5, 4)).toEqual({ from: 2, to: 2 });
    expect(moveEdge(undefined, "to", -1, 4)).toEqual({ from: 0, to: 2 });
    expect(brushBetween(3, 1)).toEqual({ from: 1, to: 3 });
  });

  test("modules outside the layers belong to no brush", () => {
    expect(inBrush(null, { from: 0, to: 3 })).toBe(false);
    expect(inBrush(null, undefined)).toBe(true);
    expect(inBrush(2, { from: 2, to: 2 })).toBe(true);
  });
});

describe("selection", () => {
  test.each(["31.down_proj", "x.embed_tokens", "3.up_proj.17"])("%s survives the address", (text) => {
    const place = parsePlace(text);
    expect(place && placeText(place)).toBe(text);
  });

  test.each(["", "31", "31.", "-1.q_proj", "3.q proj", "3.q_proj.x", undefined])("%s is no place", (text) => {
    expect(parsePlace(text)).toBeUndefined();
  });

  test("titles", () => {
    expect(placeTitle({ layer: 31, kind: "down_proj" })).toBe("Layer 31 · down_proj");
    expect(placeTitle({ layer: outside, kind: "embed_tokens" })).toBe("embed_tokens");
  });

  const grid = { layers: [0, 1, 2, 3], kinds: ["q_proj", "k_proj"], only: [] };
  const kinds = [
    ["q_proj", "k_proj", "embed_tokens"],
    ["q_proj", "k_proj"],
  ];
  const at = (track: number, layer: number, kind: string) => ({ track, layer, kind });

  test("arrows stay within the stack", () => {
    expect(move(at(0, 0, "q_proj"), "left", grid, kinds)).toEqual(at(0, 0, "q_proj"));
    expect(move(at(0, 3, "q_proj"), "right", grid, kinds)).toEqual(at(0, 3, "q_proj"));
    expect(move(at(0, 1, "q_proj"), "end", grid, kinds)).toEqual(at(0, 3, "q_proj"));
    expect(move(at(0, 2, "q_proj"), "home", grid, kinds)).toEqual(at(0, 0, "q_proj"));
  });

  test("down goes on in the next track, past the row outside the layers", () => {
    expect(move(at(0, 2, "k_proj"), "down", grid, kinds)).toEqual(at(0, outside, "embed_tokens"));
    expect(move(at(0, outside, "embed_tokens"), "down", grid, kinds)).toEqual(at(1, 0, "q_proj"));
    expect(move(at(1, 2, "q_proj"), "up", grid, kinds)).toEqual(at(0, outside, "embed_tokens"));
    expect(move(at(1, 2, "k_proj"), "down", grid, kinds)).toEqual(at(1, 2, "k_proj"));
    expect(move(at(0, outside, "embed_tokens"), "left", grid, kinds)).toEqual(at(0, outside, "embed_tokens"));
  });

  test("another run keeps the place where it has it", () => {
    expect(move(at(1, 2, "k_proj"), "pageUp", grid, kinds)).toEqual(at(0, 2, "k_proj"));
    expect(move(at(0, outside, "embed_tokens"), "pageDown", grid, kinds)).toEqual(at(1, 0, "q_proj"));
    expect(move(at(0, 1, "q_proj"), "pageUp", grid, kinds)).toEqual(at(0, 1, "q_proj"));
  });

  test("the next intruder in reading order, around the end", () => {
    const order = (place: { track: number; layer: number }) => place.track * 100 + place.layer;
    const marked = [at(1, 0, "q_proj"), at(0, 3, "q_proj")];
    expect(nextMarked(at(0, 1, "q_proj"), marked, 1, order)).toEqual(at(0, 3, "q_proj"));
    expect(nextMarked(at(1, 0, "q_proj"), marked, 1, order)).toEqual(at(0, 3, "q_proj"));
    expect(nextMarked(at(0, 3, "q_proj"), marked, -1, order)).toEqual(at(1, 0, "q_proj"));
    expect(nextMarked(at(0, 1, "q_proj"), [], 1, order)).toEqual(at(0, 1, "q_proj"));
  });
});
