/** Questions on the finished demo: every answer is compared with another way to the same number. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { decide } from "../../src/contract/decide.ts";
import { analysisDocument } from "../../src/contract/domain/analysis.ts";
import type { AppRun } from "../../src/contract/domain/cells.ts";
import type { Finding } from "../../src/contract/domain/finding.ts";
import { temporaryFolder } from "../builders/folders.ts";
import { type ConnectEngine, type ConnectedEngine, jobEnd } from "./harness.ts";

export function describeDemo(connect: ConnectEngine): void {
  describe("the demo", () => {
    let engine: ConnectedEngine;
    let runs: AppRun[];
    let ids: string[];
    beforeAll(async () => {
      engine = await connect(temporaryFolder("säve d"));
      const { items, job } = await engine.client.workspace.openDemo();
      expect(items.map(({ letter }) => letter)).toEqual([null, "A", "B", "C", "D", "E", "F", "G", "H"]);
      expect(items.slice(1).every(({ base }) => base === items[0]?.id)).toBe(true);
      expect((await jobEnd(engine.client, job?.id ?? "")).state).toBe("finished");
      runs = await engine.client.runs.all();
      ids = runs.map(({ id }) => id);
    });
    afterAll(() => engine?.close());

    test("opening it again changes nothing and asks for no analysis", async () => {
      const before = await engine.client.library.list();
      const { items, job } = await engine.client.workspace.openDemo();
      expect(job).toBeNull();
      expect(items.map(({ id }) => id)).toEqual(before.map(({ id }) => id));
      expect(items.slice(1).map(({ analysis }) => analysis?.id)).toEqual(ids);
      expect(await engine.client.jobs.list()).toHaveLength(1);
      expect((await engine.client.workspace.info()).empty).toBe(false);
    });

    test("runs stand in the order of their letters, each with its detail", () => {
      expect(runs.map(({ letter }) => letter).join("")).toBe("ABCDEFGH");
      expect(runs.map(({ label, detail }) => `${label}: ${detail}`)).toEqual([
        "fft: full fine-tune · BF16",
        "fft-hot: full fine-tune · BF16",
        "lora-r1: LoRA r 1 · α 2",
        "lora-r4: LoRA r 4 · α 8",
        "lora-r4-hot: LoRA r 4 · α 8",
        "lora-r16: LoRA r 16 · α 32",
        "lora-r64: LoRA r 64 · α 128",
        "dora-r4: DoRA r 4 · α 8",
      ]);
      expect(runs.every(({ state, modules, total }) => state === "finished" && modules === total)).toBe(true);
    });

    test("rows hold the document's numbers, and their bounds decide as the analysis did", async () => {
      const rows = await engine.client.runs.rows({ runs: ids });
      const document = await engine.client.runs.compare({ runs: runs.map(({ label }) => label) });
      const modules = document.runs.flatMap(({ modules: own }, index) =>
        own.map((module) => ({ analysis: runs[index]?.analysis, module })),
      );
      expect(rows).toHaveLength(modules.length);
      const byKey = new Map(rows.map((row) => [`${row.analysis} ${row.name}`, row]));
      for (const { analysis, module } of modules) {
        const row = byKey.get(`${analysis} ${module.name}`);
        expect([row?.frobenius, row?.relative, row?.entropyRank, row?.shape]).toEqual([
          module.delta?.frobenius,
          module.delta?.relative,
          module.delta?.effectiveRank.entropy,
          module.shape,
        ]);
        expect(row?.bounds.left && decide(row.bounds.left, 10, 0.5)).toMatchObject({
          intruders: module.intruders,
          undecided: module.undecided,
        });
        expect(row?.bounds.right).toBeNull();
      }
    });

    test("findings are the document's, and at another ε they count as the sensitivity grid does", async () => {
      const document = await engine.client.runs.compare({ runs: runs.map(({ label }) => label) });
      const facts = (findings: readonly Finding[]) =>
        findings.map(({ id, text, evidence }) => [id, text, evidence.modules.toSorted()]);
      expect(facts(await engine.client.runs.findings({ runs: ids }))).toEqual(facts(document.findings));
      const [intruders] = await engine.client.runs.findings({ runs: ids.slice(2, 3), epsilon: 0.7, k: 5 });
      const counted = document.runs[2]?.modules.filter(({ layer }) => layer !== null).map(gridCount) ?? [];
      const total = counted.reduce((sum, count) => sum + count, 0);
      expect(intruders?.text).toContain(`lora-r1: ${total} intruder dimensions in`);
      expect(intruders?.text).toContain("(k 5, ε 0.70)");
    });

    test("findings over chosen layers and kinds speak of those only", async () => {
      const [intruders] = await engine.client.runs.findings({
        runs: [ids[2] ?? ""],
        layers: { from: 2, to: 3 },
        kinds: ["gate_proj"],
      });
      const rows = await engine.client.runs.rows({ runs: [ids[2] ?? ""] });
      const marked = rows.filter(
        ({ layer, kind, intruders: count }) => (layer ?? 0) >= 2 && kind === "gate_proj" && (count ?? 0) > 0,
      );
      expect(intruders?.evidence.modules.toSorted()).toEqual(marked.map(({ name }) => name).toSorted());
    });

    test("energy curves rise to 1 and cross 90 % at k90", async () => {
      const answers = await engine.client.runs.energyCurves({ runs: ids, kinds: ["down_proj"] });
      expect(answers.map(({ run }) => run)).toEqual(ids);
      for (const { run, curves } of answers) {
        expect(curves).toHaveLength(4);
        for (const { name, k, energy, k90, size } of curves) {
          const { delta } = await engine.client.runs.module({ run, name });
          const squares = delta?.singularValues.map((value) => value ** 2) ?? [];
          const total = squares.reduce((sum, square) => sum + square, 0);
          expect(k.length).toBeLessThanOrEqual(64);
          expect([k[0], k.at(-1)]).toEqual([1, size]);
          expect(energy[0]).toBeCloseTo((squares[0] ?? 0) / total, 12);
          expect(energy.at(-1)).toBeCloseTo(1, 12);
          expect(k.some((count, index) => count === k90 && (energy[index] ?? 0) < 0.9)).toBe(false);
          expect(k.some((count, index) => count < (k90 ?? 0) && (energy[index] ?? 0) > 0.9)).toBe(false);
        }
      }
    });

    test("an exact view lies within the certified bounds and is kept", async () => {
      const question = { run: ids[2] ?? "", name: "model.layers.1.mlp.down_proj" };
      expect(await engine.client.inspector.stored({ ...question, side: "left" })).toBeNull();
      const map = await engine.client.inspector.compute({ ...question, side: "left" });
      const { sides, tuned } = await engine.client.runs.module(question);
      for (const [index, vector] of (sides.left?.vectors ?? []).entries()) {
        expect(map.best[index]).toBeGreaterThanOrEqual(vector.maxCosine.lower - 1e-6);
        expect(map.best[index]).toBeLessThanOrEqual(vector.maxCosine.upper + 1e-6);
        expect(map.tuned[index]).toBeCloseTo(tuned?.singularValues[index] ?? 0, 4);
      }
      const bytes = Buffer.from(map.cosines, "base64");
      expect(bytes.length).toBe(map.rows * map.columns * 4);
      for (let row = 0; row < map.rows; row += 1) {
        const values = Array.from({ length: map.columns }, (_, column) =>
          bytes.readFloatLE((row * map.columns + column) * 4),
        );
        expect(Math.max(...values)).toBeCloseTo(map.best[row] ?? 0, 6);
        // All base vectors span the space, so the squares of the cosines with them add up to 1.
        expect(values.reduce((sum, value) => sum + value * value, 0)).toBeCloseTo(1, 4);
      }
      expect(await engine.client.inspector.stored({ ...question, side: "left" })).toEqual(map);
      expect(await engine.client.inspector.stored({ ...question, side: "right" })).not.toBeNull();
    });

    test("a comparison leaves as JSON, CSV, HTML and Parquet", async () => {
      const chosen = { runs: ids.slice(0, 2) };
      const json = await engine.client.runs.render({ ...chosen, format: "json" });
      expect(analysisDocument.parse(JSON.parse(json.content)).runs.map(({ label }) => label)).toEqual([
        "fft",
        "fft-hot",
      ]);
      const csv = await engine.client.runs.render({ ...chosen, format: "csv" });
      expect(csv).toMatchObject({ name: "deltascope-fft-fft-hot.csv", mime: "text/csv", base64: false });
      expect(csv.content.split("\n").filter((line) => /^fft(-hot)?,/.test(line))).toHaveLength(58);
      const html = await engine.client.runs.render({ ...chosen, format: "html" });
      expect(html.content).toContain("<title>DeltaScope: fft, fft-hot</title>");
      const parquet = await engine.client.runs.render({ ...chosen, format: "parquet" });
      expect(parquet.base64).toBe(true);
      const bytes = Buffer.from(parquet.content, "base64");
      expect([bytes.subarray(0, 4), bytes.subarray(-4)].map(String)).toEqual(["PAR1", "PAR1"]);
    });

    test("details hold pairing, scale and fingerprint", async () => {
      const details = await engine.client.runs.details({ run: ids[3] ?? "" });
      expect(details.adapter).toMatchObject({ rank: 4, alpha: 8, scale: 2 });
      expect(details.pairing.paired).toBe(28);
      expect(details.fingerprint).toMatch(/^[0-9a-f]{64}$/);
      expect(details.run).toEqual(runs[3]);
    });
  });
}

/** Intruders at ε 0.7 among the first 5, as the analysis counted them. */
function gridCount({ sides }: { sides: { left?: { grid: Grid } | undefined } }): number {
  const grid = sides.left?.grid;
  const [row, column] = [grid?.epsilons.indexOf(0.7) ?? -1, grid?.ks.indexOf(5) ?? -1];
  return grid?.counts[row]?.[column] ?? Number.NaN;
}

interface Grid {
  epsilons: number[];
  ks: number[];
  counts: number[][];
}
