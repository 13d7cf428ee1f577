import { expect, test } from "vitest";
import { inspection } from "./checkpoint.ts";

test("an inspection that was stored before formats of quantised weights were named still opens", () => {
  const summary = { fingerprint: "f", architecture: null, family: null, parameters: 1, dtype: "BF16" };
  const stored = {
    ...{ path: "/base", kind: "full", files: [], revision: null, repository: null, adapter: null },
    ...{ checkpoint: { ...summary, layers: 1, tied: false, tensors: 1 }, roles: [], alerts: [] },
  };
  expect(inspection.parse(stored).checkpoint?.quantisation).toBeNull();
});
