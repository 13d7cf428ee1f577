import { describe, expect, test } from "vitest";
import {
  deltaOf,
  documentOf,
  failedModuleOf,
  memberOf,
  moduleOf,
  plainSettings,
  runRecordOf,
  vectorOf,
} from "../../../test/builders/analysis-document.ts";
import { fc } from "../../../test/builders/properties.ts";
import { makeAlert } from "../../contract/alerts.ts";
import { analysisDocument, type ModuleMeasures } from "../../contract/domain/analysis.ts";
import { documentText } from "../../contract/json.ts";
import { assembleComparison, distinctLabels, type FoundMember } from "./document.ts";
import { renderReport } from "./html.ts";
import { modulesToCount, runTotals } from "./totals.ts";

describe("totals", () => {
  test("by hand: two modules, one embedding, one failed", () => {
    const modules = [
      moduleOf({ layer: 0, kind: "q", delta: deltaOf([3, 4], 10), intruders: 2, intruderEnergy: 0.5, undecided: 1 }),
      moduleOf({ layer: 1, kind: "q", delta: deltaOf([12], 20), base: null }),
      moduleOf({ layer: null, kind: "embed_tokens", group: "embedding", intruders: 9 }),
      failedModuleOf(2, "q"),
    ];
    const entropy = Math.exp(-(3 / 7) * Math.log(3 / 7) - (4 / 7) * Math.log(4 / 7));
    const totals = runTotals(modulesToCount(modules, false));
    expect(totals).toEqual({
      modules: 3,
      failed: 1,
      intruders: 2,
      undecided: 1,
      modulesWithIntruders: 1,
      deltaFrobenius: 13,
      // ‖W0‖ of the second is 20 by its relative change: √(25 + 144) / √(100 + 400)
      relativeDelta: expect.closeTo(13 / Math.sqrt(500), 12),
      // 0.5 · 25 of ‖ΔW‖² = 25 + 144
      intruderEnergy: expect.closeTo(12.5 / 169, 12),
      meanEffectiveRank: expect.closeTo((entropy + 1) / 2, 12),
    });
  });

  test("what was not measured is null, never a made-up zero", () => {
    expect(runTotals([failedModuleOf(0, "q")])).toEqual({
      modules: 1,
      failed: 1,
      intruders: null,
      undecided: null,
      modulesWithIntruders: null,
      deltaFrobenius: null,
      relativeDelta: null,
      intruderEnergy: null,
      meanEffectiveRank: null,
    });
  });

  test("a run that changes nothing but embeddings is totalled over them", () => {
    const embedding = moduleOf({ layer: null, kind: "embed_tokens", group: "embedding" });
    expect(modulesToCount([embedding], false)).toEqual([embedding]);
  });
});

const share = fc.double({ min: 0, max: 1, noNaN: true });
const values = fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { maxLength: 12 });
const anyModule: fc.Arbitrary<ModuleMeasures> = fc
  .record({
    layer: fc.option(fc.nat(40)),
    kind: fc.string({ unit: "binary", maxLength: 20 }),
    name: fc.string({ unit: "binary", maxLength: 40 }),
    values,
    base: fc.double({ min: 1e-9, max: 1e6, noNaN: true }),
    cosines: fc.array(share, { maxLength: 10 }),
    energy: share,
    failed: fc.boolean(),
  })
  .map(({ values: singularValues, base, cosines, energy, failed, ...names }) => {
    if (failed) return { ...failedModuleOf(names.layer ?? 0, names.kind), ...names };
    const vectors = cosines.map((cosine, index) => vectorOf(index, cosine));
    const intruders = vectors.filter(({ intruder }) => intruder).length;
    return moduleOf({ ...names, delta: deltaOf(singularValues, base), vectors, intruders, intruderEnergy: energy });
  });
const anyRun = fc.record({
  label: fc.string({ unit: "binary", minLength: 1, maxLength: 30 }),
  kind: fc.constantFrom("adapter" as const, "full" as const),
  modules: fc.array(anyModule, { maxLength: 6 }),
});

test("any document validates against its schema, survives being written, and makes a page without script", () => {
  fc.assert(
    fc.property(fc.array(anyRun, { maxLength: 3 }), (runs) => {
      const document = documentOf(runs);
      const written = JSON.parse(documentText(document));
      expect(analysisDocument.parse(written)).toEqual(written);
      const page = renderReport(document);
      expect(page).not.toMatch(/<script|NaN|undefined/);
    }),
    { numRuns: 60 },
  );
});

describe("comparison of stored runs", () => {
  const found = (label: string, id: string, more = {}): FoundMember => ({
    ...memberOf({ label, modules: [moduleOf({ layer: 0, kind: "q" })], ...more }),
    run: runRecordOf({
      id,
      alerts: [{ ...makeAlert("adapter.no-effect", "zero"), run: label }, makeAlert("pairing.prefix", "p")],
    }),
  });

  test("order as asked, shared labels numbered, each with its own alerts", () => {
    const document = assembleComparison(distinctLabels([found("lora", "1"), found("lora", "2")]), []);
    expect(document.runs.map(({ label }) => label)).toEqual(["lora", "lora-2"]);
    expect(document.alerts.map(({ code, run }) => [code, run])).toEqual([
      ["adapter.no-effect", "lora"],
      ["pairing.prefix", "lora"],
      ["adapter.no-effect", "lora-2"],
      ["pairing.prefix", "lora-2"],
    ]);
    expect(document.provenance).toMatchObject({ reused: 2, computed: 0 });
    analysisDocument.parse(document);
  });

  test("different settings are said, different bases are refused", () => {
    const other = found("b", "2", { settings: { ...plainSettings, k: 4 } });
    expect(assembleComparison(distinctLabels([found("a", "1"), other]), []).alerts.at(-1)?.code).toBe(
      "compare.settings-differ",
    );
    const stranger = found("c", "3");
    stranger.record.base = { ...stranger.record.base, path: "/models/other", fingerprint: "ff" };
    const chosen = distinctLabels([found("a", "1"), stranger]);
    expect(() => assembleComparison(chosen, [])).toThrow(/different bases.*\/models\/other/);
  });
});
