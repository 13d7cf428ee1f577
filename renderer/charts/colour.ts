/**
 * Colours of data. Scales are mixed in OKLCH component by component, so that lightness is monotone:
 * they stay readable in greyscale and with colour-vision deficiency.
 */

export type ThemeName = "light" | "dark";
export type ScaleKind = "sequential" | "diverging";

/** Lightness 0–1, chroma, hue in degrees. */
type Stop = readonly [lightness: number, chroma: number, hue: number];

const stops: Record<ScaleKind, Record<ThemeName, readonly Stop[]>> = {
  sequential: {
    light: [
      [0.968, 0.012, 220],
      [0.885, 0.045, 222],
      [0.785, 0.082, 228],
      [0.665, 0.11, 240],
      [0.545, 0.13, 260],
      [0.42, 0.13, 282],
      [0.29, 0.095, 304],
    ],
    dark: [
      [0.255, 0.022, 262],
      [0.335, 0.075, 284],
      [0.435, 0.115, 274],
      [0.56, 0.12, 250],
      [0.69, 0.108, 222],
      [0.8, 0.095, 190],
      [0.9, 0.085, 140],
    ],
  },
  diverging: {
    light: [
      [0.45, 0.095, 232],
      [0.66, 0.085, 228],
      [0.85, 0.04, 222],
      [0.965, 0.004, 100],
      [0.86, 0.06, 70],
      [0.68, 0.12, 56],
      [0.5, 0.13, 46],
    ],
    dark: [
      [0.82, 0.09, 222],
      [0.62, 0.09, 230],
      [0.42, 0.06, 238],
      [0.25, 0.008, 260],
      [0.42, 0.07, 52],
      [0.63, 0.12, 56],
      [0.84, 0.11, 74],
    ],
  },
};

/** Steps of a precomputed table: finer than a screen shows. */
export const tableSteps = 256;

/** Colour at `position` 0–1 of a scale; positions outside are cut. */
export function colourAt(kind: ScaleKind, theme: ThemeName, position: number): string {
  const scale = stops[kind][theme];
  const place = Math.min(1, Math.max(0, position)) * (scale.length - 1);
  const index = Math.min(scale.length - 2, Math.floor(place));
  const low = scale[index] ?? [0, 0, 0];
  const high = scale[index + 1] ?? low;
  const share = place - index;
  return oklchToHex(mix(low[0], high[0], share), mix(low[1], high[1], share), mix(low[2], high[2], share));
}

function mix(from: number, to: number, share: number): number {
  return from + (to - from) * share;
}

const tables = new Map<string, readonly string[]>();

/** The whole scale as 256 colours, computed once per scale and theme. */
export function colourTable(kind: ScaleKind, theme: ThemeName): readonly string[] {
  const key = `${kind}-${theme}`;
  const known = tables.get(key);
  if (known) return known;
  const table = Array.from({ length: tableSteps }, (_, index) => colourAt(kind, theme, index / (tableSteps - 1)));
  tables.set(key, table);
  return table;
}

/** Index of a colour table for a position 0–1. */
export function tableIndex(position: number): number {
  return Math.round(Math.min(1, Math.max(0, position)) * (tableSteps - 1));
}

// Softer inks would fall under 4.5 : 1 on the middle of the scales.
const darkInk = "#000000";
const lightInk = "#ffffff";
/** Luminance at which both inks read equally well: √(0.05 · 1.05) − 0.05. */
const inkThreshold = 0.179;

/** Text colour that reads on a data colour. */
export function inkOn(hex: string): string {
  return luminance(hex) > inkThreshold ? darkInk : lightInk;
}

/** Relative luminance of WCAG 2. */
export function luminance(hex: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => linear(Number.parseInt(hex.slice(at, at + 2), 16) / 255));
  return 0.2126 * (red ?? 0) + 0.7152 * (green ?? 0) + 0.0722 * (blue ?? 0);
}

/** Stops of a CSS or SVG gradient along the scale. */
export function gradientStops(kind: ScaleKind, theme: ThemeName, count = 13): { offset: number; colour: string }[] {
  return Array.from({ length: count }, (_, index) => {
    const offset = index / (count - 1);
    return { offset, colour: colourAt(kind, theme, offset) };
  });
}

function linear(channel: number): number {
  return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
}

function gamma(channel: number): number {
  return channel <= 0.0031308 ? 12.92 * channel : 1.055 * channel ** (1 / 2.4) - 0.055;
}

function hexByte(channel: number): string {
  const byte = Math.round(Math.min(1, Math.max(0, gamma(channel))) * 255);
  return byte.toString(16).padStart(2, "0");
}

/** Björn Ottosson's OKLab matrices; out-of-gamut channels are cut. */
function oklchToHex(lightness: number, chroma: number, hue: number): string {
  const a = chroma * Math.cos((hue * Math.PI) / 180);
  const b = chroma * Math.sin((hue * Math.PI) / 180);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const red = 4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s;
  const green = -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s;
  const blue = -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s;
  return `#${hexByte(red)}${hexByte(green)}${hexByte(blue)}`;
}
