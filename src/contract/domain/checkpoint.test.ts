import { expect, test } from "vitest";
import { inspection } from "./checkpoint.ts";

test("an inspection that an older version stored still opens: what was added since has a value", () => {
  const summary = { path: "/base", fingerprint: "f", architecture: null, family: null, parameters: 1, dtype: "BF16" };
  const stored = {
    ...{ path: "/base", kind: "full", files: [], revision: null, repository: null, adapter: null },
    ...{ checkpoint: { ...summary, layers: 1, tied: false, tensors: 1 }, roles: [], alerts: [] },
  };
  const read = inspection.parse(stored);
  expect([read.checkpoint?.quantisation, read.hub]).toEqual([null, null]);
});
