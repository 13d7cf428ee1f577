/** The theory commands over the real engine: golden values, documents, files, and input that has no answer. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runCommandLine } from "../../src/cli/program.ts";
import { displayWidth } from "../../src/cli/terminal/width.ts";
import { adviceDocument, figureDocument, riskDocument } from "../../src/contract/domain/theory.ts";
import { openEngine } from "../../src/engine/engine.ts";
import { fakeContext } from "../builders/fake-context.ts";
import { temporaryFolder } from "../builders/folders.ts";
import { closedFormFaults, type GoldenCase, goldenCases, sampledFaults } from "../builders/golden-theory.ts";

const folder = temporaryFolder("theory");

async function run(...words: string[]) {
  const context = fakeContext({}, { workingFolder: folder });
  context.openEngine = async ({ workspace }) => openEngine({ workspace: workspace ?? join(folder, "workspace") });
  const exitCode = await runCommandLine(words, context);
  return { exitCode, out: context.stdout.text, err: context.stderr.text };
}

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const asLines = (cases: readonly GoldenCase[]): string =>
  cases.map(({ id, kind, in: input }) => JSON.stringify({ id, kind, in: input })).join("\n");

interface BatchAnswer {
  cases: { id: string | number | null; out?: unknown; error?: { code: string; message: string } }[];
}

async function batch(text: string): Promise<BatchAnswer & { exitCode: number }> {
  const { exitCode, out } = await run("theory", "batch", file("cases.jsonl", text));
  return { exitCode, ...(JSON.parse(out) as BatchAnswer) };
}

describe("golden file through theory batch", () => {
  test("closed forms", async () => {
    const cases = goldenCases((kind) => kind !== "simulate" && kind !== "figure");
    const answer = await batch(asLines(cases));
    expect(answer.exitCode).toBe(0);
    expect(cases).toHaveLength(115);
    for (const [index, golden] of cases.entries()) {
      expect(answer.cases[index]?.id).toBe(golden.id);
      expect(closedFormFaults(golden, answer.cases[index]?.out), golden.id).toEqual([]);
    }
  });

  test("simulated means", async () => {
    const cases = goldenCases((kind) => kind === "simulate");
    const answer = await batch(asLines(cases));
    expect(cases).toHaveLength(28);
    for (const [index, golden] of cases.entries())
      expect(sampledFaults(golden, answer.cases[index]?.out), golden.id).toEqual([]);
  });
});

describe("input without an answer", () => {
  const sizes = { k: 10, d: 10, n: 40, sigma: 1 };
  const bad: [string, string, unknown, RegExp][] = [
    ["n = d", "fft_risk", { ...sizes, n: 10, delta_energy: 1 }, /infinite/],
    ["n = d + 1", "fft_risk", { ...sizes, n: 11, delta_energy: 1 }, /infinite/],
    ["n = d − 1", "fft_risk", { ...sizes, n: 9, delta_energy: 1 }, /infinite/],
    ["n = 0", "fft_risk", { ...sizes, n: 0, delta_energy: 1 }, /n is 0/],
    ["fractional k", "fft_risk", { ...sizes, k: 2.5, delta_energy: 1 }, /2\.5/],
    ["negative σ", "fft_risk", { ...sizes, sigma: -1, delta_energy: 1 }, /sigma is -1/],
    ["σ that is no number", "fft_risk", { ...sizes, sigma: null, delta_energy: 1 }, /null/],
    ["a missing field", "fft_risk", sizes, /delta_energy/],
    ["r above the shape", "lora_first_order", { ...sizes, r: 11 }, /11/],
    ["negative ρ", "advise", { singular_values: [1], k: 10, d: 10, n: 40, rho: -1 }, /rho/],
    ["only zeros", "advise", { singular_values: [0, 0], k: 10, d: 10, n: 40, rho: 1 }, /zero|nothing|no /],
    ["a negative value", "advise", { singular_values: [1, -1], k: 10, d: 10, n: 40, rho: 1 }, /-1/],
    ["too many values", "advise", { singular_values: [3, 2, 1], k: 2, d: 10, n: 40, rho: 1 }, /3/],
    ["an unknown kind", "astrology", {}, /astrology/],
    [
      "no replicates",
      "simulate",
      { ...sizes, delta: { kind: "ba", rank: 2 }, ranks: [1], replicates: 0 },
      /replicates/,
    ],
  ];

  test("each bad line has its own error, the others their answers", async () => {
    const lines = bad.map(([id, kind, input]) => JSON.stringify({ id, kind, in: input }));
    const good = JSON.stringify({ id: "good", kind: "fft_risk", in: { ...sizes, delta_energy: 1 } });
    const answer = await batch([...lines, "{ no JSON", '{"id":1}', good].join("\n"));
    expect(answer.exitCode).not.toBe(0);
    for (const [index, [id, , , message]] of bad.entries()) {
      expect(answer.cases[index], id).toMatchObject({ id, error: { code: "theory.invalid" } });
      expect(answer.cases[index]?.error?.message, id).toMatch(message);
    }
    expect(answer.cases.slice(bad.length, -1).map(({ id, error }) => [id, error?.code])).toEqual([
      [null, "theory.invalid"],
      [null, "theory.invalid"],
    ]);
    expect(answer.cases.at(-1)).toMatchObject({ id: "good" });
    expect(answer.cases.at(-1)?.error).toBeUndefined();
  });

  const usage: [string, string[], RegExp][] = [
    ["NaN noise", ["risk", "--k", "9", "--d", "9", "--n", "30", "--sigma", "NaN", "--delta", "ba:2"], /sigma/],
    ["negative noise", ["risk", "--k", "9", "--d", "9", "--n", "30", "--sigma=-1", "--delta", "ba:2"], /sigma/],
    ["n = d + 1", ["risk", "--k", "9", "--d", "9", "--n", "10", "--sigma", "1", "--delta", "ba:2"], /infinite/],
    ["a shift of no kind", ["risk", "--k", "9", "--d", "9", "--n", "30", "--sigma", "1", "--delta", "x:2"], /delta/],
    ["rank 0", ["risk", "--k", "9", "--d", "9", "--n", "30", "--sigma", "1", "--delta", "ba:0"], /ba|rank/],
    [
      "rank above",
      ["risk", "--k", "9", "--d", "9", "--n", "30", "--sigma", "1", "--delta", "ba:2", "--ranks", "10"],
      /10/,
    ],
    ["a figure there is not", ["figure", "2"], /figure|choices|1a/],
    ["no source", ["advise", "--n", "30"], /--run, --spectrum and --energy/],
    ["no shape", ["advise", "--n", "30", "--spectrum", "values.json"], /--k and --d/],
    ["an unknown run", ["advise", "--n", "30", "--run", "nobody"], /nobody/],
  ];
  test.each(usage)("%s", async (_, words, message) => {
    const { exitCode, out, err } = await run("theory", ...words);
    expect(exitCode).not.toBe(0);
    expect(out).toBe("");
    expect(err).toMatch(message);
  });

  test("a spectrum file says which line is no number", async () => {
    const path = file("broken.txt", "3\n2\nmany\n1\n");
    const { exitCode, err } = await run("theory", "advise", "--n", "30", "--spectrum", path, "--k", "9", "--d", "9");
    expect(exitCode).not.toBe(0);
    expect(err).toContain("line 3");
  });
});

describe("risk", () => {
  const words = ["theory", "risk", "--k", "40", "--d", "40", "--n", "200", "--sigma", "0.5", "--delta", "exp:1:5"];

  test("the document is whole and repeats itself", async () => {
    const once = await run(...words, "--ranks", "1,2,4", "--simulate", "200", "--seed", "3", "--json");
    const again = await run(...words, "--ranks", "1,2,4", "--simulate", "200", "--seed", "3", "--json");
    expect(once.out).toBe(again.out);
    const document = riskDocument.parse(JSON.parse(once.out));
    expect(document.fft?.risk).toBeCloseTo(2.51572327044, 9);
    for (const { r, mean, se } of document.simulation?.lora ?? []) {
      const closed = document.curve.find((row) => row.r === r)?.risk ?? Number.NaN;
      expect(Math.abs(closed - mean)).toBeLessThan(0.17 * mean + 4 * se);
      const bound = document.simulation?.guarantee?.find((row) => row.r === r)?.mean;
      expect(bound).toBeGreaterThan(mean);
    }
  });

  test("CSV by the ending, and never over a file that is there", async () => {
    const out = join(folder, "risk.csv");
    expect((await run(...words, "--out", out)).exitCode).toBe(0);
    const [head, ...rows] = readFileSync(out, "utf8").trim().split(/\r?\n/);
    expect(head).toBe("rank,risk,bias,variance,lower_bound,simulated_mean,simulated_se,guarantee");
    expect(rows).toHaveLength(41);
    const numbers = rows.map((row) => row.split(",").map(Number));
    for (const [, risk, bias, variance, bound] of numbers) {
      expect((bias ?? 0) + (variance ?? 0)).toBeCloseTo(risk ?? 0, 9);
      expect(risk).toBeGreaterThanOrEqual((bound ?? 0) - 1e-9);
    }
    const second = await run(...words, "--out", out);
    expect(second.exitCode).not.toBe(0);
    expect(second.err).toContain("exists");
    const wrong = await run(...words, "--out", join(folder, "risk.xml"));
    expect(wrong.err).toContain(".json or .csv");
    expect(existsSync(join(folder, "risk.xml"))).toBe(false);
  });

  test("a file that cannot be written is refused before the work, and another's JSON is never replaced", async () => {
    const below = await run(...words, "--simulate", "1000000", "--out", join(folder, "nowhere", "risk.json"));
    expect(below.exitCode).toBe(1);
    expect(below.err).toContain("error output.unwritable");
    expect(below.err).toContain("its folder does not exist");
    const config = join(folder, "config.json");
    writeFileSync(config, '{"architectures": []}');
    const over = await run(...words, "--ranks", "1", "--out", config, "--overwrite");
    expect(over.err).toContain("is no document of DeltaScope and is not replaced");
    expect(readFileSync(config, "utf8")).toBe('{"architectures": []}');
    const out = join(folder, "own.json");
    for (const again of [[], ["--overwrite"]]) {
      expect((await run(...words, "--ranks", "1", "--out", out, ...again, "--quiet")).exitCode).toBe(0);
    }
    expect(riskDocument.parse(JSON.parse(readFileSync(out, "utf8"))).curve).toHaveLength(1);
  });

  test("people read what is exact and what is about", async () => {
    const { out } = await run(...words, "--ranks", "1,2");
    expect(out).toContain("Full fine-tuning: 2.52 (exact)");
    expect(out).toMatch(/1 +≈ /);
  });
});

describe("figure", () => {
  test.each(["11", "12"] as const)("figure %s has the golden crossovers", async (name) => {
    const golden = goldenCases((kind) => kind === "figure").find(({ in: input }) => input.name === name);
    const { out } = await run("theory", "figure", name, "--replicates", "100", "--json", "--quiet");
    const document = figureDocument.parse(JSON.parse(out));
    const wanted = golden?.out.crossovers as { r: number; x: number; se: number; optional?: boolean }[];
    const allowed = (se: number): number => (golden?.z ?? 5) * se * Math.sqrt(1 + 400 / 100);
    const near = (r: number, x: number) => wanted.some((one) => one.r === r && Math.abs(one.x - x) <= allowed(one.se));
    for (const { r, x } of document.crossovers) expect(near(r, x), `r ${r} at ${x}`).toBe(true);
    for (const one of wanted.filter(({ optional }) => !optional)) {
      expect(document.crossovers.some(({ r, x }) => r === one.r && Math.abs(x - one.x) <= allowed(one.se))).toBe(true);
    }
    expect(document.series.every(({ mean, closed }) => mean.length === closed.length)).toBe(true);
  });

  test("the parameters that we chose are said", async () => {
    const { out } = await run("theory", "figure", "1b", "--replicates", "2", "--quiet");
    expect(out).toContain("chosen by us");
  });
});

test("figure 1 is both of its panels", async () => {
  const { out } = await run("theory", "figure", "1", "--replicates", "0", "--json", "--quiet");
  const { figures } = JSON.parse(out) as { figures: unknown[] };
  expect(figures.map((figure) => figureDocument.parse(figure).name)).toEqual(["1a", "1b"]);
});

test("advise: an energy curve is its spectrum", async () => {
  const values = [2, 1, 0.5];
  const total = values.reduce((sum, value) => sum + value * value, 0);
  const curve = values.map(
    (_, index) => values.slice(0, index + 1).reduce((sum, value) => sum + value * value, 0) / total,
  );
  const shape = ["--k", "40", "--d", "30", "--n", "200", "--json"];
  const advice = async (...words: string[]) =>
    adviceDocument.parse(JSON.parse((await run("theory", "advise", ...words, ...shape)).out)).modules[0]?.advice;
  const direct = await advice("--spectrum", file("three.json", JSON.stringify(values)));
  const derived = await advice("--energy", file("curve.json", JSON.stringify(curve)), "--total", String(total));
  expect(derived?.E).toBeCloseTo(direct?.E ?? 0, 9);
  expect(derived?.rank_rec).toBe(direct?.rank_rec);
});

test("advise: the worked example", async () => {
  const values = [6.1, 3.9, 2.2, 1.4, 1.05, 0.86, 0.72, 0.7, 0.67, 0.65];
  const path = file("spectrum.json", JSON.stringify({ singularValues: values }));
  const shape = ["--k", "64", "--d", "48", "--tau", "0.05"];
  const { out } = await run("theory", "advise", "--spectrum", path, ...shape, "--n", "200", "--rho", "1", "--json");
  const document = adviceDocument.parse(JSON.parse(out));
  const [only] = document.modules;
  expect(only?.advice.E).toBeCloseTo(59.2941, 3);
  expect(only?.advice.sigma).toBeCloseTo(0.962533, 5);
  expect(only?.advice.curve["4"]).toBeCloseTo(3.72354, 4);
  expect(document.total).toMatchObject({ rank_rec: 4, verdict: "lora" });
  expect(document.measured).toBeNull();
  expect(document.validity[0]).toContain("Read the order of the methods and the crossovers, not the values");
});

test("advise --confirm: simulated risks stand in the unit of the curve, on lines of the terminal's width", async () => {
  const values = [6.1, 3.9, 2.2, 1.4, 1.05, 0.86, 0.72, 0.7, 0.67, 0.65];
  const path = file("confirmed.json", JSON.stringify({ singularValues: values }));
  const shape = ["--k", "64", "--d", "48", "--tau", "0.05", "--n", "200", "--confirm", "100"];
  const { out } = await run("theory", "advise", "--spectrum", path, ...shape);
  const [, simulated = ""] = out.split("Simulated spectrum, 100 data sets\n");
  // Means over 2,000 data sets by another program, and ‖Δ⋆‖².
  const energy = 59.2941;
  const means = { "1": 23.131, "2": 8.723, "4": 3.781, "8": 6.403, "16": 12.178, "32": 17.609, full: 18.824 };
  for (const [rank, mean] of Object.entries(means)) {
    const found = new RegExp(`^ *${rank} +≈ ([\\d.]+) +([\\d.]+) ± ([\\d.]+)$`, "m").exec(simulated);
    const [closed, own, se] = (found ?? []).slice(1).map(Number) as [number, number, number];
    expect(Math.abs(own - mean / energy), rank).toBeLessThan(5 * se + 0.005 * own);
    expect(Math.abs(closed - mean / energy), rank).toBeLessThan(0.02 * own);
  }
  expect(out).toContain("! Linear model with independent Gaussian inputs");
  for (const line of out.split("\n")) expect(displayWidth(line)).toBeLessThanOrEqual(100);
});
