/** Rank advice on the demo's real runs, beside what they score; simulated means place by place. */
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { auditSpec } from "../../src/contract/domain/audit.ts";
import { editSpec } from "../../src/contract/domain/edit.ts";
import type { SimulationEvent, SimulationQuestion } from "../../src/contract/domain/theory.ts";
import { type Engine, openEngine } from "../../src/engine/engine.ts";
import { cpuMilliseconds } from "../builders/cpu-time.ts";
import { temporaryFolder } from "../builders/folders.ts";

const demo = join(import.meta.dirname, "../../demo");
const labels = ["fft", "lora-r1", "lora-r4", "lora-r16", "dora-r4"];
const tuned = labels.map((label) => ({ label, path: join(demo, label) }));
let engine: Engine;

async function drain(events: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of events);
}

beforeAll(async () => {
  engine = openEngine({ workspace: join(temporaryFolder("theory"), "workspace"), threads: 1 });
  await drain(await engine.client.analysis.run({ base: join(demo, "base"), tuned, settings: {} }));
}, 120_000);
afterAll(() => engine.close());

const setting = {
  ...{ k: 40, d: 40, n: 200, sigma: 0.5 },
  delta: { kind: "exp" as const, decay: 1, scale: 5 },
};

describe("before anything is scored", () => {
  test("an advice stands without measurements, and an adapter is no witness for full fine-tuning", async () => {
    const { theory } = engine.client;
    const full = await theory.advise({ source: { run: "fft" }, n: 450, rho: 1 });
    expect(full.measured).toBeNull();
    expect(full.total.modules).toBe(28);
    expect(await theory.measured({ setting })).toBeNull();
    const adapter = await theory.advise({ source: { run: "lora-r4" }, n: 100_000, rho: 0.01 });
    expect(adapter.referenceRank).toBe(4);
    expect(adapter.total.rank_rec).toBeLessThanOrEqual(4);
    for (const { advice } of adapter.modules) expect(advice.verdict).not.toBe("full");
  });

  test("risks of the modules add up to the total", async () => {
    const advice = await engine.client.theory.advise({ source: { run: "fft" }, n: 450, rho: 1 });
    const energy = advice.modules.reduce((sum, { advice: one }) => sum + one.E, 0);
    const four = advice.modules.reduce((sum, { advice: one }) => sum + (one.curve["4"] ?? 0), 0);
    expect(advice.total.curve.find(({ r }) => r === 4)?.risk).toBeCloseTo(four / energy, 9);
    expect(advice.total.curve[0]).toMatchObject({ r: 0, risk: expect.closeTo(1, 9) });
  });

  test("a spectrum to feed: a module by its name, else the middle one; unknown ones are refused", async () => {
    const { theory } = engine.client;
    const middle = await theory.spectrum({ run: "lora-r4" });
    expect(middle).toMatchObject({ rank: 4, tau: 0 });
    expect(middle.values).toHaveLength(4);
    expect(middle.modules).toContain(middle.module);
    const [module = ""] = middle.modules;
    expect((await theory.spectrum({ run: "lora-r4", module })).module).toBe(module);
    await expect(theory.spectrum({ run: "lora-r4", module: "nothing" })).rejects.toThrow();
    await expect(theory.spectrum({ run: "nobody" })).rejects.toThrow("nobody");
  });
});

describe("with scores", () => {
  beforeAll(async () => {
    const task = { name: "compare", file: join(demo, "tasks/compare.jsonl"), role: "new" };
    const spec = auditSpec.parse({ base: join(demo, "base"), tuned, tasks: [task], settings: {}, threads: 1 });
    await drain(await engine.client.audit.run(spec));
  }, 120_000);

  test("each LoRA and full run by rank, with its stored accuracy; DoRA has no place", async () => {
    const stored = await engine.client.audit.stored(
      auditSpec.parse({
        base: join(demo, "base"),
        tuned,
        tasks: [{ name: "compare", file: join(demo, "tasks/compare.jsonl"), role: "new" }],
        settings: {},
      }),
    );
    const accuracy = new Map(stored.rows.map(({ label, acc }) => [label, acc]));
    const { measured, total } = await engine.client.theory.advise({ source: { run: "fft" }, n: 450, rho: 1 });
    expect(measured?.task).toBe("compare");
    expect(measured?.rows.map(({ label }) => label).toSorted()).toEqual(["fft", "lora-r1", "lora-r16", "lora-r4"]);
    for (const row of measured?.rows ?? []) {
      expect(row.accuracy).toBe(accuracy.get(row.label));
      expect(row.ci95[0]).toBeLessThan(row.accuracy);
      expect(row.items).toBe(150);
      const risk = row.r === null ? total.fft : total.curve.find(({ r }) => r === row.r)?.risk;
      expect(row.predictedRisk).toBeCloseTo(risk ?? Number.NaN, 9);
    }
    expect(measured?.spearman).toBeGreaterThanOrEqual(-1);
    expect(measured?.sentence).toContain("rank correlation");
  });

  test("the same runs beside a setting of the lab", async () => {
    const measured = await engine.client.theory.measured({ setting, run: "lora-r4" });
    const risks = await engine.client.theory.risk({ ...setting, ranks: [1, 4, 16] });
    for (const row of measured?.rows ?? []) {
      const risk = row.r === null ? risks.fft?.risk : risks.curve.find(({ r }) => r === row.r)?.risk;
      expect(row.predictedRisk).toBeCloseTo(risk ?? Number.NaN, 9);
    }
    expect(measured?.rows).toHaveLength(4);
  });

  test("what an intervention wrote is no run of a rank", async () => {
    const folder = temporaryFolder("edited");
    const edited = ["scale", "shrink"].map((arm) => ({ label: arm, path: join(folder, arm) }));
    const hot = { base: join(demo, "base"), tuned: join(demo, "lora-r4-hot") };
    for (const { label: arm, path: out } of edited) {
      const spec = editSpec.parse({ edit: "intervene", ...hot, intervention: { arm, lambda: 0.5 }, out });
      await drain(await engine.client.edits.run(spec));
    }
    const hotRun = { label: "hot", path: hot.tuned };
    await drain(await engine.client.analysis.run({ base: hot.base, tuned: [...edited, hotRun], settings: {} }));
    const task = { name: "compare", file: join(demo, "tasks/compare.jsonl"), role: "new" };
    const spec = auditSpec.parse({
      base: hot.base,
      tuned: [...edited, hotRun],
      tasks: [task],
      settings: {},
      threads: 1,
    });
    await drain(await engine.client.audit.run(spec));
    const { measured } = await engine.client.theory.advise({ source: { run: "fft" }, n: 450, rho: 1 });
    expect(measured?.rows.map(({ label }) => label)).toContain("hot");
    for (const { label } of edited) expect(measured?.rows.map((row) => row.label)).not.toContain(label);
  });
});

describe("simulated places", () => {
  const question: SimulationQuestion = {
    ...{ k: 40, d: 40, delta: setting.delta, ranks: [1, 2, 64], replicates: 40, seed: 3 },
    points: [20, 40, 200].map((n) => ({ n, sigma: 0.5 })),
  };
  async function events(client: Engine["client"], signal?: AbortSignal): Promise<SimulationEvent[]> {
    const heard: SimulationEvent[] = [];
    for await (const event of await client.theory.simulate(question, { signal })) heard.push(event);
    return heard;
  }

  test("in order, none at n = d, full rank is full fine-tuning, and the same on 1 and 8 threads", async () => {
    const one = await events(engine.client);
    expect(one.map(({ index }) => index)).toEqual([0, 1, 2]);
    expect(one[1]?.means).toBeNull();
    expect(one[2]?.means?.lora[2]).toEqual(one[2]?.means?.fft);
    const wide = openEngine({ workspace: join(temporaryFolder("theory"), "workspace"), threads: 8 });
    try {
      expect(await events(wide.client)).toEqual(one);
    } finally {
      await wide.close();
    }
  });

  test("a reader that stops listening ends it", async () => {
    const stop = new AbortController();
    const long = { ...question, replicates: 10_000, points: Array.from({ length: 20 }, () => ({ n: 400, sigma: 1 })) };
    const started = cpuMilliseconds();
    const reading = (async () => {
      for await (const _ of await engine.client.theory.simulate(long, { signal: stop.signal })) stop.abort();
    })();
    setTimeout(() => stop.abort(), 300);
    await expect(reading).rejects.toThrow();
    expect(cpuMilliseconds() - started).toBeLessThan(10_000);
  });
});
