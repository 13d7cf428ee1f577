/**
 * Reduces an SVG to plain shapes and text. Pictures come from our own charts, but a workspace may come from a stranger,
 * so nothing is believed: the text is read by this grammar only, and what is not on the lists does not come out.
 */
import { readAttributes } from "./picture-attributes.ts";
import { decodeEntities, escapeMarkup } from "./picture-text.ts";

const shapes = ["svg", "g", "rect", "line", "path", "polyline", "polygon", "circle", "ellipse", "text", "tspan"];
const helpers = ["defs", "clipPath", "linearGradient", "stop", "pattern", "image", "title"];
/** No script, style, link, use, foreignObject or animation. */
const elements: ReadonlySet<string> = new Set([...shapes, ...helpers]);

/** A map of 64 × 2,048 marks drawn one by one would reach this; our charts have a few thousand elements. */
const mostElements = 60_000;
const deepest = 64;
/** Pixels of either side; screens are smaller. */
const largestSide = 20_000;

const textPart = /[^<]+/y;
const closingTag = /<\/([A-Za-z][A-Za-z-]*)\s*>/y;
const openingTag = /<([A-Za-z][A-Za-z-]*)/y;
const attribute = /\s+([A-Za-z_][A-Za-z0-9:_-]*)="([^"<]*)"/y;
const tagEnd = /\s*(\/?)>/y;

interface Open {
  name: string;
  /** It and all above it are on the lists. */
  shown: boolean;
}

interface Reader {
  source: string;
  at: number;
  open: Open[];
  output: string[];
  elements: number;
}

class Malformed extends Error {}

/** The clean drawing, or undefined for anything that is not one drawing of a sensible size. */
export function cleanPicture(source: string): string | undefined {
  const reader: Reader = { source, at: 0, open: [], output: [], elements: 0 };
  try {
    do takePart(reader);
    while (reader.open.length > 0);
    demand(reader.source.slice(reader.at).trim() === "");
    return reader.output.join("");
  } catch (thrown) {
    if (thrown instanceof Malformed) return undefined;
    throw thrown;
  }
}

function demand(holds: boolean): void {
  if (!holds) throw new Malformed();
}

function take(reader: Reader, pattern: RegExp): RegExpExecArray | null {
  pattern.lastIndex = reader.at;
  const found = pattern.exec(reader.source);
  if (found) reader.at += found[0].length;
  return found;
}

function decoded(text: string): string {
  const plain = decodeEntities(text);
  if (plain === undefined) throw new Malformed();
  return plain;
}

function takePart(reader: Reader): void {
  const text = take(reader, textPart);
  const closing = text ? null : take(reader, closingTag);
  if (text) takeText(reader, decoded(text[0]));
  else if (closing) takeEnd(reader, closing[1]);
  else takeElement(reader);
}

/** Before the root there may be spaces; the root comes with the next part. */
function takeText(reader: Reader, text: string): void {
  const last = reader.open.at(-1);
  if (last?.shown) reader.output.push(escapeMarkup(text));
  if (last) return;
  demand(text.trim() === "");
  takeElement(reader);
}

function takeEnd({ open, output }: Reader, name: string | undefined): void {
  const last = open.pop();
  demand(last !== undefined && last.name === name);
  if (last?.shown) output.push(`</${last.name}>`);
}

function takeElement(reader: Reader): void {
  const { open, output } = reader;
  const name = take(reader, openingTag)?.[1] ?? "";
  const given = takeAttributes(reader);
  const end = take(reader, tagEnd);
  reader.elements += 1;
  demand(end !== null && reader.elements <= mostElements && open.length < deepest);
  const parent = open.at(-1);
  const closed = end?.[1] === "/";
  // An empty root is no picture.
  if (!parent) demand(isRoot(name, given) && !closed);
  const shown = elements.has(name) && (parent?.shown ?? true);
  if (shown) output.push(`<${name}${parent ? "" : namespace}${readAttributes(name, given)}${closed ? "/" : ""}>`);
  if (!closed) open.push({ name, shown });
}

function takeAttributes(reader: Reader): Map<string, string> {
  const given = new Map<string, string>();
  for (let found = take(reader, attribute); found; found = take(reader, attribute)) {
    given.set(found[1] ?? "", decoded(found[2] ?? ""));
  }
  return given;
}

const namespace = ' xmlns="http://www.w3.org/2000/svg"';

function isRoot(name: string, given: ReadonlyMap<string, string>): boolean {
  const sides = [given.get("width"), given.get("height")].map(Number);
  return name === "svg" && sides.every((side) => side > 0 && side <= largestSide);
}
