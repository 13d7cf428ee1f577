import { expect, test } from "vitest";
import { devicesIn, isDeviceName } from "./device-names.ts";

test.each([
  ["auto", ["auto"]],
  ["cpu", ["cpu"]],
  ["cuda:1", ["cuda:1"]],
  ["cuda:0,2", ["cuda:0", "cuda:2"]],
  ["cpu:2", ["cpu", "cpu"]],
])("%s", (name, devices) => {
  expect(isDeviceName(name)).toBe(true);
  expect(devicesIn(name)).toEqual(devices);
});

test.each([
  "",
  "gpu",
  "cuda",
  "cuda:",
  "cuda:0,",
  "cuda:1,1",
  "cuda:0 1",
  "cpu:0",
  "cpu:65",
  "cpu:1,2",
  "mps:2",
  "CPU",
])("no device: %j", (name) => expect(isDeviceName(name)).toBe(false));
