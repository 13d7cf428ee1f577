/** What a run could compute on: torch's own list, the drivers' tools beside it, and the processor. */
import { cpus, freemem, totalmem } from "node:os";
import { devicesIn, type TrainingDevice } from "../../contract/domain/training.ts";
import { parsedJson } from "../../contract/json.ts";
import { askProgram } from "./ask-program.ts";

/** The tools answer in a fraction of a second, or hang on a broken driver. */
const toolPatience = 5000;
const mebibyte = 2 ** 20;

/** A card as its driver describes it. */
export interface Card {
  index: number;
  name: string;
  kind: "cuda" | "rocm";
  totalBytes: number;
  usedBytes: number;
  driver: string;
}

const nvidiaWords = [
  "--query-gpu=index,name,memory.total,memory.used,utilization.gpu,driver_version",
  "--format=csv,noheader,nounits",
];
const rocmWords = ["--showproductname", "--showmeminfo", "vram", "--showdriverversion", "--json"];

/** Cards of either maker; none where neither tool is installed or answers within 5 s. */
export async function listCards(): Promise<Card[]> {
  const [nvidia, rocm] = await Promise.all([ask("nvidia-smi", nvidiaWords), ask("rocm-smi", rocmWords)]);
  return [...parseNvidia(nvidia), ...parseRocm(rocm)];
}

async function ask(program: string, words: readonly string[]): Promise<string> {
  const { code, output } = await askProgram({ program, words, patience: toolPatience, longest: mebibyte });
  return code === 0 ? output : "";
}

/** Lines of `nvidia-smi`, memory in MiB; a value that the driver does not tell is "[N/A]". */
export function parseNvidia(text: string): Card[] {
  return text.split("\n").flatMap((line) => {
    const [index, name, total, used, , driver] = line.split(",").map((part) => part.trim());
    if (name === undefined || !/^\d+$/.test(index ?? "")) return [];
    const memory = { totalBytes: numberOf(total) * mebibyte, usedBytes: numberOf(used) * mebibyte };
    return [{ index: Number(index), name, kind: "cuda" as const, ...memory, driver: driver ?? "" }];
  });
}

/** The document of `rocm-smi`: one entry per card, values as text, memory in bytes. */
export function parseRocm(text: string): Card[] {
  const document = parseObject(text);
  const driver = textOf(document.system, "Driver version");
  return Object.entries(document).flatMap(([key, card]) => {
    const index = /^card(\d+)$/.exec(key)?.[1];
    if (index === undefined) return [];
    return [
      {
        index: Number(index),
        name: textOf(card, "Card Series") || textOf(card, "Card series") || "AMD graphics card",
        kind: "rocm" as const,
        totalBytes: numberOf(textOf(card, "VRAM Total Memory (B)")),
        usedBytes: numberOf(textOf(card, "VRAM Total Used Memory (B)")),
        driver,
      },
    ];
  });
}

function parseObject(text: string): Record<string, unknown> {
  const value = parsedJson(text);
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function textOf(value: unknown, key: string): string {
  const found = typeof value === "object" && value !== null ? (value as Record<string, unknown>)[key] : undefined;
  return typeof found === "string" ? found : "";
}

function numberOf(text: string | undefined): number {
  const value = Number(text);
  return Number.isFinite(value) && value >= 0 ? value : 0;
}

/** The computer itself, always there. */
export function processorDevice(): TrainingDevice {
  const name = cpus()[0]?.model.trim() || "Processor";
  return { id: "cpu", name, kind: "cpu", memoryBytes: totalmem(), freeBytes: freemem(), bf16: true };
}

/**
 * Torch's devices with the memory that is free now; without torch the cards of the drivers, so that memory can be
 * estimated before Python is set up. The processor is last.
 */
export function currentDevices(torch: readonly TrainingDevice[] | undefined, cards: readonly Card[]): TrainingDevice[] {
  const known = torch?.filter(({ kind }) => kind !== "cpu") ?? cards.map(asDevice);
  return [...known.map((device) => withFreeMemory(device, cards)), processorDevice()];
}

/** Every card that has a driver of today computes in bf16, but for those before Ampere; torch knows better. */
function asDevice({ index, name, kind, totalBytes, usedBytes }: Card): TrainingDevice {
  const memory = { memoryBytes: totalBytes, freeBytes: Math.max(0, totalBytes - usedBytes) };
  return { id: `cuda:${index}`, name, kind, ...memory, bf16: true };
}

function withFreeMemory(device: TrainingDevice, cards: readonly Card[]): TrainingDevice {
  if (device.kind === "mps") return { ...device, freeBytes: freemem() };
  const card = cards.find(({ index, kind }) => device.id === `cuda:${index}` && kind === device.kind);
  if (card === undefined || card.totalBytes === 0) return device;
  return { ...device, freeBytes: Math.max(0, card.totalBytes - card.usedBytes) };
}

/**
 * The device of a configuration; of several that of least free memory, where a run ends first; `auto` is the first
 * card, else the processor.
 */
export function deviceOf(wanted: string, devices: readonly TrainingDevice[]): TrainingDevice {
  const cards = devices.filter(({ kind }) => kind !== "cpu");
  const names = devicesIn(wanted);
  const named = devices
    .filter(({ id }) => names.includes(id))
    .toSorted((one, other) => one.freeBytes - other.freeBytes);
  return (wanted === "auto" ? cards[0] : named[0]) ?? processorDevice();
}
