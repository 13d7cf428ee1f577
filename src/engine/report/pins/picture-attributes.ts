/** Attributes that a picture may have, each with the form of its values; nothing else passes. */
import { escapeMarkup } from "./picture-text.ts";

const numbers = /^[-+0-9.eE%,\spx]*$/;
const words = /^[A-Za-z0-9 .,%-]*$/;
const pathData = /^[MmLlHhVvCcSsQqTtAaZz0-9eE.,+\s-]*$/;
const transform = /^[A-Za-z0-9.,+\s()-]*$/;
const family = /^[\w\s"',.-]*$/;
const name = /^[\w:.«»-]{1,64}$/;
/** A colour in any notation, but no function that fetches. */
const colour = /^(?!.*url)[A-Za-z0-9#(),.%\s/-]*$/i;
/** A place in the same picture. */
const own = /^url\(["']?#[\w:.«»-]{1,64}["']?\)$/;
const pixels = /^data:image\/png;base64,[A-Za-z0-9+/]*={0,2}$/;
/** The only styles that our charts say as such. */
const style = /^(font:\s?[\w\s"',.%/-]+|image-rendering:\s?pixelated);?$/;

type Rule = readonly RegExp[];

function rulesOf(names: string, ...rule: RegExp[]): [string, Rule][] {
  return names.split(" ").map((key) => [key, rule]);
}

const rules: ReadonlyMap<string, Rule> = new Map([
  ...rulesOf("x y x1 x2 y1 y2 cx cy r rx ry dx dy width height viewBox points offset pathLength", numbers),
  ...rulesOf("opacity fill-opacity stroke-opacity stop-opacity stroke-width stroke-miterlimit", numbers),
  ...rulesOf("stroke-dashoffset font-size", numbers),
  ...rulesOf("stroke-dasharray", numbers, words),
  ...rulesOf("stroke-linecap stroke-linejoin font-weight font-style text-anchor dominant-baseline", words),
  ...rulesOf("alignment-baseline paint-order shape-rendering image-rendering preserveAspectRatio", words),
  ...rulesOf("fill-rule clip-rule visibility patternUnits gradientUnits clipPathUnits letter-spacing", words),
  ...rulesOf("d", pathData),
  ...rulesOf("transform patternTransform gradientTransform", transform),
  ...rulesOf("fill stroke", colour, own),
  ...rulesOf("stop-color", colour),
  ...rulesOf("clip-path", words, own),
  ...rulesOf("font-family", family),
  ...rulesOf("id", name),
  ...rulesOf("style", style),
]);

/** The allowed ones as markup. */
export function readAttributes(element: string, given: ReadonlyMap<string, string>): string {
  return [...given]
    .flatMap(([key, value]) => (passes(element, key, value) ? ` ${key}="${escapeMarkup(value)}"` : []))
    .join("");
}

function passes(element: string, key: string, value: string): boolean {
  if (key === "href") return element === "image" && pixels.test(value);
  return rules.get(key)?.some((rule) => rule.test(value)) ?? false;
}
