import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { cpuMilliseconds } from "../../../../test/builders/cpu-time.ts";
import { recipe, runConfig } from "../../../contract/domain/training.ts";
import { DeltaScopeError } from "../../../contract/errors.ts";
import { bundledDemo } from "../../demo/demo.ts";
import { requireFreeFolder } from "./check-files.ts";
import { presets } from "./presets.ts";
import { longestRecipe } from "./read-recipe.ts";
import { resolveRecipe } from "./resolve.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "deltascope-recipe-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const text = (...lines: string[]) => resolveRecipe({ text: lines.join("\n"), folder });
const problems = async (...lines: string[]) => (await text("preset: quick-demo", ...lines)).problems;

describe("presets", () => {
  test("all that the notes and the issue name are there", async () => {
    expect((await presets()).map(({ name }) => name)).toEqual([
      ...["paper-boolq", "paper-csqa", "pubmedqa-qwen2.5-3b", "practitioner-lora", "practitioner-full"],
      ...["quick", "quick-demo"],
    ]);
  });

  test("the paper's facts are the paper's; what its copy does not give is ours", async () => {
    const [boolq] = await presets();
    expect(boolq?.values).toMatchObject({
      data: { template: "alpaca", loss_on: "answer", cutoff: 512, labels: ["Yes", "No"] },
      ...{ epochs: 3, batch: { effective: 32 }, precision: "bf16", attention: "sdpa", schedule: "cosine" },
      ...{ activation_checkpointing: true, lora: { dropout: 0, targets: "all-linear", init: "default" } },
    });
    const { sources = {} } = boolq ?? {};
    for (const field of ["data.cutoff", "epochs", "batch.effective", "precision", "lora.dropout"]) {
      expect(sources[field], field).toBe("paper");
    }
    for (const field of ["lora.rank", "lora.alpha", "warmup", "clip", "weight_decay", "data.validation"]) {
      expect(sources[field], field).toBe("ours");
    }
  });

  test("PubMedQA: rank 16, alpha 32, all linear layers, ten epochs, with published figures", async () => {
    const preset = (await presets()).find(({ name }) => name === "pubmedqa-qwen2.5-3b");
    expect(preset?.values).toMatchObject({ lora: { rank: 16, alpha: 32, targets: "all-linear" }, epochs: 10 });
    expect(preset?.reference).toMatch(/78\.0 %/);
  });

  test("the quick demo starts as it is, with the demo's rates by rank", async () => {
    const rate = async (recipe: Record<string, unknown>) => {
      const { config, problems: found } = await resolveRecipe({ recipe: { preset: "quick-demo", ...recipe } });
      expect(found).toEqual([]);
      return config?.learning_rate;
    };
    expect(await rate({})).toBe(4e-3);
    expect(await rate({ method: "full" })).toBe(3e-4);
    expect(await rate({ lora: { rank: 1 } })).toBe(1e-2);
    expect(await rate({ lora: { rank: 16 } })).toBe(1.25e-3);
    expect(await rate({ lora: { rank: 8 } })).toBe(4e-3);
    expect(await rate({ learning_rate: 0.5 })).toBe(0.5);
  });
});

describe("values over a preset", () => {
  test("a group is joined, a list and a single value replaced; what differs is named", async () => {
    const answer = await text("preset: quick-demo", "lora:", "  rank: 2", "  targets: [q_proj]", "epochs: 8");
    expect(answer.config).toMatchObject({ lora: { rank: 2, alpha: { ratio: 2 }, targets: ["q_proj"] }, epochs: 8 });
    expect(answer.differs).toEqual(["lora.rank", "lora.targets"]);
    expect(answer.sources).toMatchObject({ "lora.rank": "recipe", "lora.dropout": "ours", betas: "library" });
    expect(answer.config?.run_id).toBe("quick-demo-lora-r2-s1");
  });

  test("max_steps takes the place of the preset's epochs", async () => {
    expect((await text("preset: quick-demo", "max_steps: 10")).config).toMatchObject({ max_steps: 10, epochs: null });
    expect(await problems("max_steps: 10", "epochs: 2")).toMatchObject([{ field: "max_steps", line: 2 }]);
  });

  test("rates for methods that no table names", async () => {
    const base = [`base: { path: ${join(bundledDemo, "base")} }`];
    const data = `data: { files: [{ path: ${join(bundledDemo, "data", "compare-train.jsonl")}, format: alpaca }] }`;
    expect((await text(...base, data)).config?.learning_rate).toBe(1e-4);
    expect((await text(...base, data, "method: full")).config?.learning_rate).toBe(1e-5);
  });

  test("paths count from the recipe's own folder", async () => {
    cpSync(join(bundledDemo, "base"), join(folder, "models", "base"), { recursive: true });
    writeFileSync(join(folder, "rows.jsonl"), '{"instruction":"a","input":"","output":"Yes"}\n');
    const file = join(folder, "my.yaml");
    writeFileSync(
      file,
      "preset: quick-demo\nbase: { path: models/base }\ndata: { files: [{ path: rows.jsonl, format: alpaca }] }\n",
    );
    const { config, recipe: read, problems: found } = await resolveRecipe({ file });
    expect(found).toEqual([]);
    expect((await resolveRecipe({ recipe: read })).config).toEqual(config);
    expect(config?.base.path).toBe(join(folder, "models", "base"));
    expect(config?.data.files[0]?.path).toBe(join(folder, "rows.jsonl"));
  });

  test("the text of a recipe is the same recipe", async () => {
    const values = { preset: "quick-demo", name: "Yes", lora: { rank: 2 }, data: { labels: ["Yes", "No"] } };
    const { text: written } = await resolveRecipe({ recipe: values });
    expect((await resolveRecipe({ text: written })).recipe).toEqual(values);
  });

  test("while base and data are open a form still has all values", async () => {
    const { config, values, problems: found } = await resolveRecipe({ recipe: { preset: "practitioner-lora" } });
    expect(config).toBeNull();
    expect(found.map(({ field }) => field)).toEqual(["base.path", "data.files"]);
    expect(values).toMatchObject({ base: { path: "" }, data: { files: [], cutoff: 512 }, lora: { rank: 16 } });
  });
});

describe("text that is no recipe", () => {
  test.each([
    ["a: [1, 2", /line 1: Flow sequence/],
    ["a: 1\nb:\n  - c\n d: 2", /line 4/],
    ["a: 1\na: 2", /line 2: "a" stands there for the second time/],
    ["a: &x 1\nb: *x", /line 2: aliases/],
    ["a: !!python/object:os.system x", /line 1: Unresolved tag/],
    ["a: !foo x", /line 1: Unresolved tag/],
    ["a: 1\nb: .inf", /line 2/],
    ["__proto__:\n  polluted: true", /"__proto__" is no field/],
    ["- 1", /fields with values/],
    ["", /fields with values/],
    [`a: ${"[".repeat(40)}${"]".repeat(40)}`, /too deeply/],
    [`a: "${"x".repeat(300_000)}"`, /more than 262144 bytes/],
  ])("%j", async (written, message) => {
    const failure = await text(written).catch((thrown: unknown) => thrown);
    expect(failure).toBeInstanceOf(DeltaScopeError);
    expect(failure).toMatchObject({ code: "recipe.invalid", message: expect.stringMatching(message) });
    expect({}).not.toHaveProperty("polluted");
  });

  test("dots in a name make nothing deeper", async () => {
    expect((await text(`lora: { ran${".".repeat(20)}: 8 }`)).problems).not.toHaveLength(0);
  });

  test.each(["[", "{", "- ", "? ", "[]", "]", "!a ", '"', "a: ", "#\n", "[a:", "{\n"])(
    "%j again and again is refused without being read to its end",
    async (piece) => {
      const written = `a: [1]\n${piece.repeat((longestRecipe - 7) / piece.length)}`;
      const started = cpuMilliseconds();
      await expect(text(written)).rejects.toMatchObject({
        message: expect.stringContaining("names, values and signs"),
      });
      expect(cpuMilliseconds() - started).toBeLessThan(500);
    },
  );

  test("a list of a thousand files is read", async () => {
    const files = Array.from({ length: 1000 }, (_, index) => `    - path: rows-${index}.jsonl\n      format: chat`);
    const { values } = await text("data:", "  files:", ...files);
    expect(values).toMatchObject({ data: { files: { length: 1000 } } });
  });

  test("thousands of unknown keys take no longer than reading them", async () => {
    const started = cpuMilliseconds();
    const keys = Array.from({ length: 2800 }, (_, index) => `k${index}: 1`);
    expect((await text(...keys)).problems.filter(({ message }) => message.includes("no field"))).toHaveLength(100);
    expect(cpuMilliseconds() - started).toBeLessThan(3000);
  });

  test("a bomb of aliases is refused before it grows", async () => {
    const levels = Array.from({ length: 12 }, (_, n) => `a${n + 1}: &a${n + 1} [${`*a${n},`.repeat(9)}]`);
    await expect(text("a0: &a0 [1]", ...levels)).rejects.toMatchObject({ code: "recipe.invalid" });
  });
});

describe("each fault beside its field and line", () => {
  test.each([
    ["lr: 1", "lr", /learning_rate/],
    ["rank: 3", "rank", /lora\.rank/],
    ["lora: { rnak: 4 }", "lora.rnak", /lora\.rank/],
    ["learning-rate: 1", "learning-rate", /learning_rate/],
    ["data: { cutof: 9 }", "data.cutof", /data\.cutoff/],
    ["zzzzzz: 1", "zzzzzz", /is no field of a recipe\.$/],
    ["epochs: three", "epochs", /^It must be a number, not the text "three"\.$/],
    ['lora: { rank: "4" }', "lora.rank", /^It must be a number, not the text "4": write it without quotes\.$/],
    ["lora: { rank: 1.5 }", "lora.rank", /^It must be a whole number, not 1\.5\.$/],
    [
      "lora: { alpha: big }",
      "lora.alpha",
      /^It must be a number or fields such as { name: value }, not the text "big"\.$/,
    ],
    ["lora: { alpha: -1 }", "lora.alpha", /^It must be more than 0, not -1\.$/],
    ["lora: { targets: [3] }", "lora.targets", /^0: It must be text, not 3\.$/],
    ["learning_rate: 0", "learning_rate", /^It must be more than 0, not 0\.$/],
    ["activation_checkpointing: yes", "activation_checkpointing", /^It must be true or false, not the text "yes"\.$/],
    ["base: [a]", "base", /^It must be fields such as { name: value }, not a list\.$/],
    ["seed:", "seed", /^It must be a number, not empty\.$/],
    ["betas: [0.9]", "betas", /^It must have at least 2 entries\.$/],
    ["data: { labels: [a] }", "data.labels", /^It must have at least 2 entries\.$/],
    ["schema: 2", "schema", /^2 is no choice here\. It is 1\.$/],
    ["method: lorra", "method", /^"lorra" is no choice here\. Did you mean lora\?$/],
    ["method: galore", "method", /^"galore" is no choice here\. It is full, lora, .* or lora\+\.$/],
    ["lora: { targets: all-linar }", "lora.targets", /Did you mean all-linear\?$/],
    ["batch: { device: aut }", "batch.device", /Did you mean auto\?$/],
    ["save: { keep: some }", "save.keep", /^It must be all or a number, not the text "some"\.$/],
    ["data: { files: [{ path: a, format: alpacca }] }", "data.files.0.format", /Did you mean alpaca\?$/],
    ["data: { validation: 0.9 }", "data.validation", /^It must be at most 0\.5, not 0\.9\.$/],
    ["preset: quick-dmo", "preset", /quick-demo/],
  ])("%s", async (line, field, message) => {
    const start = line.startsWith("preset") ? "name: a" : "preset: quick-demo";
    const [problem] = (await text(start, line)).problems;
    expect(problem).toMatchObject({ field, line: 2, level: "error", message: expect.stringMatching(message) });
    expect((await text(start, line)).config).toBeNull();
  });

  test.each([
    ["lora: { rank: 65 }", "lora.rank", /k_proj.*64 × 128.*at most 64/],
    ["lora: { targets: [w_proj, q_proj] }", "lora.targets.0", /"w_proj" matches no linear layer.*"q_proj"/],
    ["batch: { effective: 16, device: 5 }", "batch.device", /16.*5/],
    ["data: { noise: 0.1, labels: null }", "data.labels", /noise/i],
    ["data: { files: [{ path: none.jsonl, format: alpaca }] }", "data.files.0.path", /does not exist/],
    ["eval: { tasks: [none.jsonl] }", "eval.tasks.0", /does not exist/],
    ["base: { path: ./none }", "base.path", /none/],
    ["precision: fp16", "precision", /fp32/],
    ["method: qlora", "method", /CUDA/],
    ["device: gpu", "device", /cuda:0/],
    ["sharding: full", "sharding", /several devices/],
  ])("%s", async (line, field, message) => {
    expect(await problems(line)).toMatchObject([
      { field, line: 2, level: "error", message: expect.stringMatching(message) },
    ]);
  });

  test("what several devices cannot divide", async () => {
    const asked = (line: string) => problems('device: "cuda:0,1"', "sharding: full", line);
    expect(await asked("precision: fp16")).toMatchObject([
      { field: "sharding", message: expect.stringMatching(/bf16/) },
    ]);
    expect(await asked("method: qlora")).toMatchObject([
      { field: "sharding", message: expect.stringMatching(/4-bit/) },
    ]);
    expect(await asked("precision: bf16")).toEqual([]);
  });

  test("a base without a tokenizer, an adapter, an empty data file", async () => {
    cpSync(join(bundledDemo, "base"), join(folder, "base"), { recursive: true });
    rmSync(join(folder, "base", "tokenizer.json"));
    expect(await problems("base: { path: base }")).toMatchObject([
      { field: "base.path", message: expect.stringMatching(/no tokenizer/) },
    ]);
    const adapter = await problems(`base: { path: ${join(bundledDemo, "lora-r4")} }`);
    expect(adapter).toMatchObject([{ field: "base.path", message: expect.stringMatching(/is an adapter/) }]);
    writeFileSync(join(folder, "rows.jsonl"), "");
    const empty = await problems("data: { files: [{ path: rows.jsonl, format: alpaca }] }");
    expect(empty).toMatchObject([{ field: "data.files.0.path", message: expect.stringMatching(/is empty/) }]);
  });

  test("a folder that holds another run: one to resume, and a finished one", async () => {
    const used = join(folder, "used");
    await expect(requireFreeFolder(used)).resolves.toBeUndefined();
    mkdirSync(join(used, "checkpoint-20"), { recursive: true });
    await expect(requireFreeFolder(used)).rejects.toMatchObject({
      code: "trainer.run-exists",
      message: `The output folder "${used}" holds a run with checkpoints.`,
      tip: expect.stringContaining("--resume"),
    });
    mkdirSync(join(used, "final"));
    await expect(requireFreeFolder(used)).rejects.toMatchObject({ code: "output.in-use" });
  });

  test("a folder of other files is not written into; an empty one and a run's are", async () => {
    const refusal = (path: string) =>
      requireFreeFolder(path).then(
        () => undefined,
        ({ code }: DeltaScopeError) => code,
      );
    const folderWith = (name: string, files: Record<string, string>): string => {
      mkdirSync(join(folder, name));
      for (const [file, content] of Object.entries(files)) writeFileSync(join(folder, name, file), content);
      return join(folder, name);
    };
    const model = join(folder, "model");
    cpSync(join(bundledDemo, "base"), model, { recursive: true });
    expect(await refusal(model)).toBe("output.in-use");
    expect(await refusal(join(model, "config.json"))).toBe("output.in-use");
    expect(await refusal(folderWith("config", { "config.json": '{"model_type":"llama"}' }))).toBe("output.in-use");
    const { config } = await resolveRecipe({ recipe: { preset: "quick-demo" } });
    // As it stays where Python could not be started.
    expect(await refusal(folderWith("asked", { "config.json": JSON.stringify(config) }))).toBeUndefined();
    expect(await refusal(folderWith("begun", { "events.jsonl": "", "config.json": "{" }))).toBeUndefined();
    expect(await refusal(folderWith("empty", { ".DS_Store": "" }))).toBeUndefined();
  });

  test("paths that the caller may not name are not looked at", async () => {
    const permit = async ({ files }: { files: readonly string[] }) => {
      if (files.some((file) => file.endsWith("facts.jsonl"))) throw new DeltaScopeError("place.not-allowed", "no");
    };
    const { problems: found } = await resolveRecipe({ recipe: { preset: "quick-demo" } }, { permit });
    expect(found).toMatchObject([{ field: "eval.tasks.1", message: "no" }]);
  });
});

test("a recipe that sets nothing holds nothing, so that a preset is not covered by defaults", () => {
  expect(recipe.parse({ preset: "quick", lora: { rank: 4 } })).toEqual({ preset: "quick", lora: { rank: 4 } });
  const filled = runConfig.parse({ run_id: "a", base: { path: "b" }, data: { files: [{ path: "c", format: "csv" }] } });
  expect(recipe.parse(filled)).toEqual(filled);
});
