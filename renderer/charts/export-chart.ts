/** A chart taken away: what stands on screen as SVG or PNG. */

import { embeddedFonts } from "./export-fonts.ts";
import { canvasImage, panelRect, plainText, styledSvg } from "./export-parts.ts";

const svgNamespace = "http://www.w3.org/2000/svg";
/** Pixels per CSS pixel of a PNG: sharp on dense screens and in print. */
const pngScale = 2;

/** SVG of everything drawn inside `element`: SVGs, canvases, texts and filled boxes, colours resolved. */
export function svgOf(element: Element): string {
  return new XMLSerializer().serializeToString(drawing(element));
}

/** PNG at twice the size on screen, with the fonts of the page. */
export async function pngOf(element: Element): Promise<Blob> {
  const svg = drawing(element);
  const style = document.createElementNS(svgNamespace, "style");
  style.textContent = await embeddedFonts();
  svg.prepend(style);
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(new XMLSerializer().serializeToString(svg))}`;
  await image.decode();
  return rasterise(image, Number(svg.getAttribute("width")), Number(svg.getAttribute("height")));
}

function rasterise(image: HTMLImageElement, width: number, height: number): Promise<Blob> {
  const canvas = document.createElement("canvas");
  canvas.width = width * pngScale;
  canvas.height = height * pngScale;
  const context = canvas.getContext("2d");
  if (!context) throw new Error("This browser cannot draw the picture.");
  context.scale(pngScale, pngScale);
  context.drawImage(image, 0, 0, width, height);
  return new Promise((resolve, reject) => {
    canvas.toBlob(
      (blob) => (blob ? resolve(blob) : reject(new Error("The picture could not be encoded."))),
      "image/png",
    );
  });
}

function drawing(element: Element): SVGSVGElement {
  const bounds = element.getBoundingClientRect();
  const width = Math.ceil(bounds.width);
  const height = Math.ceil(bounds.height);
  const svg = document.createElementNS(svgNamespace, "svg");
  for (const [name, value] of Object.entries({ width, height, viewBox: `0 0 ${width} ${height}` })) {
    svg.setAttribute(name, String(value));
  }
  svg.append(panelRect({ x: 0, y: 0, width, height }, groundOf(element)));
  collect(element, svg, bounds);
  return svg;
}

/** The first ground colour at or above an element. */
function groundOf(element: Element): string {
  for (let at: Element | null = element; at; at = at.parentElement) {
    const colour = getComputedStyle(at).backgroundColor;
    if (!isClear(colour)) return colour;
  }
  return "white";
}

function isClear(colour: string): boolean {
  return colour === "" || colour === "transparent" || /^rgba\(.*, 0\)$/.test(colour);
}

function collect(element: Element, into: SVGElement, origin: DOMRect): void {
  for (const node of element.childNodes) {
    if (node instanceof Text) into.append(...plainText(node, origin));
    else if (node instanceof Element) collectElement(node, into, origin);
  }
}

function collectElement(element: Element, into: SVGElement, origin: DOMRect): void {
  const style = getComputedStyle(element);
  if (style.display === "none" || style.visibility === "hidden" || style.clipPath.startsWith("inset")) return;
  const box = element.getBoundingClientRect();
  const place = { x: box.x - origin.x, y: box.y - origin.y, width: box.width, height: box.height };
  if (element instanceof SVGSVGElement) into.append(styledSvg(element, place));
  else if (element instanceof HTMLCanvasElement) into.append(canvasImage(element, place));
  else {
    if (!isClear(style.backgroundColor)) into.append(panelRect(place, style.backgroundColor, style.borderRadius));
    collect(element, into, origin);
  }
}
