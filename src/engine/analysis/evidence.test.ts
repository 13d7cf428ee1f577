import { expect, test } from "vitest";
import { makeAlert } from "../../contract/alerts.ts";
import type { MatrixPair } from "../../contract/domain/pair.ts";
import type { MatrixView } from "../../contract/domain/tensor.ts";
import type { Evidence } from "../adapter/family.ts";
import type { Backend } from "../linalg/backend.ts";
import type { Pairing } from "../pairing/pairing.ts";
import { checkEvidence } from "./evidence.ts";

const view = {} as MatrixView;

function matrix(name: string, group: "embedding" | "head" | "attention", layer: number | null): MatrixPair {
  return { name, role: { layer, kind: name, group, expert: null }, shape: [2, 2], base: view, delta: {} };
}

const replaced = matrix("model.embed_tokens", "embedding", null);
const evidence: Evidence = {
  kind: "equal",
  module: "model.embed_tokens",
  first: view,
  second: view,
  alert: makeAlert("adapter.replaced-weights", "the stored copy differs"),
  pairsWhenDifferent: [replaced],
};

function pairing(...matrices: MatrixPair[]): Pairing {
  const report = { paired: matrices.length, unpaired: [] };
  return {
    kind: "adapter",
    adapter: undefined,
    matrices,
    vectors: [],
    report,
    alerts: [],
    evidence: [evidence],
    roundingGrid: undefined,
  };
}

function backendWith(deltaFrobenius: number): Backend {
  const difference = async () => ({ baseFrobenius: 1, deltaFrobenius, equal: 0, total: 4 });
  return { difference } as unknown as Backend;
}

test("a pair that evidence brings in stands at its place and is counted", async () => {
  const asked = pairing(matrix("q", "attention", 0), matrix("lm_head", "head", null));
  const { pairing: checked, alerts } = await checkEvidence(asked, backendWith(0.5), undefined);
  expect(checked.matrices.map(({ name }) => name)).toEqual(["q", "model.embed_tokens", "lm_head"]);
  expect(checked.report.paired).toBe(3);
  expect(alerts).toEqual([evidence.alert]);
});

test("a copy that differs by rounding only changes nothing", async () => {
  const asked = pairing(matrix("q", "attention", 0));
  expect(await checkEvidence(asked, backendWith(1e-3), undefined)).toEqual({ pairing: asked, alerts: [] });
});

test("what many modules say of the base is one alert with their number", async () => {
  const others = ["k", "v", "o"].map((module) => ({ ...evidence, module, pairsWhenDifferent: undefined }));
  const asked = { ...pairing(matrix("q", "attention", 0)), evidence: [evidence, ...others] as Evidence[] };
  const { alerts } = await checkEvidence(asked, backendWith(0.5), undefined);
  expect(alerts.map(({ message }) => message)).toEqual([
    "the stored copy differs The same was found at 4 of the 4 modules that tell it.",
  ]);
});
