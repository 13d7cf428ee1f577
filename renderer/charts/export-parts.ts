/** Pieces of a drawing, each made from what the page shows at that place. */

const svgNamespace = "http://www.w3.org/2000/svg";

export interface Place {
  x: number;
  y: number;
  width: number;
  height: number;
}

function make(name: string, attributes: Record<string, string | number>): SVGElement {
  const element = document.createElementNS(svgNamespace, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  return element;
}

export function panelRect({ x, y, width, height }: Place, fill: string, radius = "0"): SVGElement {
  return make("rect", { x, y, width, height, fill, rx: Number.parseFloat(radius) || 0 });
}

/** A label of one line; nothing where no text shows. */
export function plainText(node: Text, origin: DOMRect): SVGElement[] {
  const parent = node.parentElement;
  if (!parent || !node.data.trim()) return [];
  const style = getComputedStyle(parent);
  const range = document.createRange();
  range.selectNodeContents(node);
  const [line] = range.getClientRects();
  if (!line) return [];
  const text = make("text", {
    x: line.x - origin.x,
    // The baseline of common sans-serif fonts stands at about three quarters of the line box.
    y: line.y - origin.y + line.height * 0.76,
    fill: style.color,
    "font-family": style.fontFamily,
    "font-size": style.fontSize,
    "font-weight": style.fontWeight,
  });
  text.textContent = node.data.replace(/\s+/g, " ").trim();
  return [text];
}

/** Canvases that can also draw themselves as SVG, in their own pixels. */
export const drawings = new WeakMap<HTMLCanvasElement, () => SVGElement>();

/** A canvas as its drawing where it has one, else as its pixels, kept sharp. */
export function canvasImage(canvas: HTMLCanvasElement, { x, y, width, height }: Place): SVGElement {
  const drawing = drawings.get(canvas)?.();
  if (drawing) {
    drawing.setAttribute("transform", `translate(${x} ${y})`);
    return drawing;
  }
  const href = canvas.toDataURL("image/png");
  const style = "image-rendering:pixelated";
  return make("image", { x, y, width, height, href, preserveAspectRatio: "none", style });
}

/** Properties that a style sheet or a colour variable may have set. */
const drawnProperties = [
  "fill",
  "fill-opacity",
  "stroke",
  "stroke-width",
  "stroke-opacity",
  "stroke-dasharray",
  "stroke-linecap",
  "stroke-linejoin",
  "opacity",
  "font-family",
  "font-size",
  "font-weight",
  "text-anchor",
  "paint-order",
  "stop-color",
  "shape-rendering",
] as const;

/** A copy of an SVG in which every colour and font is said outright. */
export function styledSvg(source: SVGSVGElement, { x, y, width, height }: Place): SVGElement {
  const copy = source.cloneNode(true) as SVGSVGElement;
  const originals = [source, ...source.querySelectorAll("*")];
  const copies = [copy, ...copy.querySelectorAll("*")];
  for (const [index, original] of originals.entries()) {
    const target = copies[index];
    if (target) sayStyle(original, target);
  }
  for (const [key, value] of Object.entries({ x, y, width, height })) copy.setAttribute(key, String(value));
  copy.removeAttribute("style");
  return copy;
}

function sayStyle(original: Element, target: Element): void {
  const style = getComputedStyle(original);
  target.removeAttribute("class");
  target.removeAttribute("style");
  target.removeAttribute("aria-hidden");
  for (const property of drawnProperties) {
    const value = style.getPropertyValue(property);
    if (value) target.setAttribute(property, value);
  }
}
