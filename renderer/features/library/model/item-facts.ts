/** The columns of one item: every value from its header and configuration. */
import type { LibraryItem } from "../../../../src/contract/domain/library.ts";
import {
  formatBytes,
  formatCount,
  formatNumberOf,
  formatParameters,
  formatSignificant,
} from "../../../../src/contract/format.ts";

const dtypeNames: Readonly<Record<string, string>> = {
  F64: "f64",
  F32: "f32",
  F16: "f16",
  BF16: "bf16",
  F8_E4M3: "fp8",
  F8_E5M2: "fp8",
};

/** "base", "FFT", "LoRA", "DoRA", …: the glossary's word for what the item is. */
export function kindName(item: LibraryItem): string {
  if (item.kind === "base") return "base";
  if (item.kind === "full") return "FFT";
  if (item.kind === "unknown" || !item.inspection?.adapter) return item.kind === "adapter" ? "adapter" : "–";
  const { type, variants } = item.inspection.adapter;
  if (variants.includes("dora")) return "DoRA";
  return type === "LORA" ? "LoRA" : type;
}

export function isTuned(item: LibraryItem): boolean {
  return item.kind === "full" || item.kind === "adapter";
}

export function parametersText(item: LibraryItem): string {
  const parameters = item.inspection?.checkpoint?.parameters ?? item.inspection?.adapter?.parameters;
  return formatParameters(parameters);
}

export function dtypeText(item: LibraryItem): string {
  const dtype = item.inspection?.checkpoint?.dtype ?? item.inspection?.adapter?.dtype;
  return dtype === undefined ? "–" : (dtypeNames[dtype] ?? dtype.toLowerCase());
}

/** Number of layers: stated by a checkpoint, counted from the tensors of an adapter. */
export function layersOf(item: LibraryItem): number | undefined {
  const { inspection } = item;
  if (!inspection) return undefined;
  if (inspection.checkpoint) return inspection.checkpoint.layers;
  const layers = new Set(inspection.roles.flatMap((role) => layerNumbers(role.layers)));
  return layers.size > 0 ? layers.size : undefined;
}

/** More layers than any model has: a hostile header cannot make the page count for ever. */
const mostLayers = 10_000;

/** "0-3, 7" → 0, 1, 2, 3, 7. */
export function layerNumbers(text: string | null): number[] {
  const numbers: number[] = [];
  for (const part of text?.split(",") ?? []) {
    const [from, to = from] = part.split(/[-–]/).map(Number);
    if (from === undefined || to === undefined || Number.isNaN(from) || Number.isNaN(to)) continue;
    for (let layer = from; layer <= to && numbers.length < mostLayers; layer += 1) numbers.push(layer);
  }
  return numbers;
}

export function layersText(item: LibraryItem): string {
  return formatCount(layersOf(item));
}

/** 8 and 2, not 8.00 and 2.00: settings are written as people set them. */
export function settingText(value: number | null): string {
  return value !== null && Number.isInteger(value) ? formatCount(value) : formatSignificant(value);
}

/** "16, 32"; empty for what has neither. */
export function rankAlphaText(item: LibraryItem): string {
  const adapter = item.inspection?.adapter;
  if (!adapter) return "";
  return `${formatCount(adapter.rank)}, ${settingText(adapter.alpha)}`;
}

export function sizeText(item: LibraryItem): string {
  return formatBytes(item.bytes);
}

/** "2 shards", "1 file". */
export function weightFilesText(item: LibraryItem): string {
  const weights = item.inspection?.files.filter(({ name }) => name.endsWith(".safetensors")).length ?? 0;
  return weights > 1 ? formatNumberOf(weights, "shard") : formatNumberOf(weights, "file");
}

/** Sum of what lies on disk for all items. */
export function totalBytes(items: readonly LibraryItem[]): number {
  return items.reduce((sum, item) => sum + (item.bytes ?? 0), 0);
}
