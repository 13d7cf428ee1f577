import { expect, test } from "vitest";
import type { TrainingDevice } from "../../contract/domain/training.ts";
import { currentDevices, deviceOf, parseNvidia, parseRocm } from "./devices.ts";

const nvidia = "0, NVIDIA GeForce RTX 4090, 24564, 1024, 3, 560.35.03\n1, NVIDIA A100, [N/A], [N/A], 0, 560.35.03\n";

test("lines of nvidia-smi, memory in MiB; what the driver does not tell is 0", () => {
  expect(parseNvidia(nvidia)).toEqual([
    {
      ...{ index: 0, name: "NVIDIA GeForce RTX 4090", kind: "cuda", driver: "560.35.03" },
      ...{ totalBytes: 24564 * 2 ** 20, usedBytes: 1024 * 2 ** 20 },
    },
    { index: 1, name: "NVIDIA A100", kind: "cuda", totalBytes: 0, usedBytes: 0, driver: "560.35.03" },
  ]);
  expect(parseNvidia("No devices were found\n")).toEqual([]);
});

test("the document of rocm-smi, values as text", () => {
  const card = {
    "Card Series": "Instinct MI300X",
    "VRAM Total Memory (B)": "206141652992",
    "VRAM Total Used Memory (B)": "283",
  };
  const text = JSON.stringify({ card0: card, system: { "Driver version": "6.8.5" } });
  expect(parseRocm(text)).toEqual([
    { index: 0, name: "Instinct MI300X", kind: "rocm", totalBytes: 206141652992, usedBytes: 283, driver: "6.8.5" },
  ]);
  for (const hostile of ["", "null", "[]", '{"card0": null}', '{"card0": {"Card Series": 7}}']) {
    expect(() => parseRocm(hostile)).not.toThrow();
  }
});

const device: TrainingDevice = {
  ...{ id: "cuda:0", name: "RTX 4090", kind: "cuda", memoryBytes: 24e9, freeBytes: 24e9, bf16: true },
};

test("free memory is that of now; without torch the driver's cards stand in; the processor is always last", () => {
  const cards = parseNvidia(nvidia);
  const [first, last] = currentDevices([device], cards);
  expect(first).toEqual({ ...device, freeBytes: (24564 - 1024) * 2 ** 20 });
  expect(last?.kind).toBe("cpu");
  expect(currentDevices(undefined, cards).map(({ id }) => id)).toEqual(["cuda:0", "cuda:1", "cpu"]);
  expect(currentDevices([device], []).at(0)).toEqual(device);
});

test("auto is the first card, else the processor", () => {
  const devices = currentDevices([device], []);
  expect(deviceOf("auto", devices).id).toBe("cuda:0");
  expect(deviceOf("cpu", devices).id).toBe("cpu");
  const [first, second] = devices;
  if (!first || !second) throw new Error("There are two.");
  const pair = [{ ...first, id: "cuda:0", freeBytes: 9e9 }, { ...first, id: "cuda:1", freeBytes: 4e9 }, second];
  expect(deviceOf("cuda:0,1", pair).id).toBe("cuda:1");
  expect(deviceOf("auto", currentDevices([], [])).id).toBe("cpu");
});
