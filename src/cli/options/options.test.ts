import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { exportFormat } from "../../contract/api.ts";
import { layerRange, memorySize, openUnitInterval, pattern, wholeNumber } from "./numbers.ts";
import { parseOut } from "./out.ts";
import { parseTuned } from "./tuned.ts";

const folder = mkdtempSync(join(tmpdir(), "deltascope-out-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("labels come from the folder and stay unique; given ones win", () => {
  expect(parseTuned(["out/lora", "other/lora/", "fft=out/full", "./a=b", "m/model.safetensors"])).toEqual([
    { label: "lora", path: "out/lora" },
    { label: "lora-2", path: "other/lora/" },
    { label: "fft", path: "out/full" },
    { label: "a=b", path: "./a=b" },
    { label: "model", path: "m/model.safetensors" },
  ]);
  expect(parseTuned(["x/fft", "fft=y"]).map(({ label }) => label)).toEqual(["fft-2", "fft"]);
});

test.each([[["a=x", "a=y"]], [["=x"]], [["a="]], [[""]]])("%j is refused", (values) => {
  expect(() => parseTuned(values)).toThrow(expect.objectContaining({ code: "usage.invalid" }));
});

test("amounts of memory", () => {
  expect(["2GB", "512mb", "1.5GiB", "64 MiB", "20000000"].map(memorySize)).toEqual([
    2e9, 512e6, 1_610_612_736, 67_108_864, 20_000_000,
  ]);
  for (const wrong of ["", "GB", "2XB", "-1GB", "1e9", "0x10", "1MB", "999999999999TB", "2 GBGB"]) {
    expect(() => memorySize(wrong), wrong).toThrow(expect.objectContaining({ code: "usage.invalid" }));
  }
});

test("layers, numbers, patterns", () => {
  expect(layerRange("0-5")).toEqual({ from: 0, to: 5 });
  expect(layerRange("7")).toEqual({ from: 7, to: 7 });
  expect(wholeNumber("--k", 1, 256)("10")).toBe(10);
  expect(openUnitInterval("--epsilon")("0.5")).toBe(0.5);
  expect(pattern("q_proj|v_proj")).toBe("q_proj|v_proj");
  const wrong: [() => unknown, string][] = [
    [() => layerRange("5-2"), "ends before"],
    [() => layerRange("a"), "0-5"],
    [() => wholeNumber("--k", 1, 256)("0"), "from 1 to 256"],
    [() => wholeNumber("--k", 1, 256)("1.5"), "from 1 to 256"],
    [() => wholeNumber("--k", 1, 256)(""), "from 1 to 256"],
    [() => openUnitInterval("--epsilon")("1"), "between 0 and 1"],
    [() => openUnitInterval("--epsilon")("NaN"), "between 0 and 1"],
    [() => pattern("("), "regular expression"],
  ];
  for (const [parse, message] of wrong) expect(parse).toThrow(message);
});

test("output files: format by ending, never over an existing file unasked", () => {
  writeFileSync(join(folder, "old.json"), "{}");
  expect(
    parseOut(["a.JSON", "b.html"], { workingFolder: folder, overwrite: false, formats: exportFormat.options }),
  ).toEqual([
    { file: join(folder, "a.JSON"), format: "json" },
    { file: join(folder, "b.html"), format: "html" },
  ]);
  expect(() =>
    parseOut(["old.json"], { workingFolder: folder, overwrite: false, formats: exportFormat.options }),
  ).toThrow(expect.objectContaining({ code: "output.exists" }));
  expect(
    parseOut(["old.json"], { workingFolder: folder, overwrite: true, formats: exportFormat.options }),
  ).toHaveLength(1);
  expect(() =>
    parseOut(["none/a.csv"], { workingFolder: folder, overwrite: false, formats: exportFormat.options }),
  ).toThrow("its folder does not exist");
  expect(() => parseOut(["a.html"], { workingFolder: folder, overwrite: false, formats: ["json", "csv"] })).toThrow(
    '--out "a.html" must end in .json or .csv.',
  );
  expect(() => parseOut(["a.txt"], { workingFolder: folder, overwrite: false, formats: exportFormat.options })).toThrow(
    ".parquet",
  );
  expect(() =>
    parseOut(["a.csv", "./a.csv"], { workingFolder: folder, overwrite: false, formats: exportFormat.options }),
  ).toThrow("twice");
});
