import { describe, expect, test } from "vitest";
import { fakeContext } from "../../test/builders/fake-context.ts";
import type { EditEvent } from "../contract/api.ts";
import { type EditDocument, type EditSpec, editDocument, editSpec } from "../contract/domain/edit.ts";
import { DeltaScopeError } from "../contract/errors.ts";
import type { EngineClient } from "./context.ts";
import { runCommandLine } from "./program.ts";

const document: EditDocument = {
  schema: "deltascope.edit/1",
  version: "0.1.0",
  spec: editSpec.parse({ edit: "intervene", tuned: "/t", intervention: { lambda: 0.7 }, out: "/o" }),
  outcome: {
    kind: "adapter",
    folder: "/o",
    files: [{ name: "adapter_model.safetensors", bytes: 1234, sha256: "00" }],
    dtype: "F32",
    modules: [
      { module: "model.layers.0.self_attn.q_proj", rank: 4, error: 2e-8 },
      { module: "model.layers.1.self_attn.q_proj", rank: 5, error: 1e-8 },
    ],
    edited: 1,
    error: 2e-8,
    roundingLoss: null,
    seconds: 1.5,
  },
  arms: [
    { arm: "scale", lambda: 0.7, modules: 1, vectors: 1, relative: 0.2, step: 3.21, intruders: 0 },
    { arm: "step", lambda: 0.7, modules: 1, vectors: 1, relative: 0.1, step: 3.21, intruders: null },
  ],
  alerts: [],
  error: null,
};

async function run(words: string, answer: { failure?: DeltaScopeError; document?: EditDocument } = {}) {
  const asked: EditSpec[] = [];
  async function* events(spec: EditSpec): AsyncGenerator<EditEvent> {
    asked.push(spec);
    if (answer.failure) throw answer.failure;
    yield { type: "progress", progress: { phase: "write", done: 1, total: 2, unit: "bytes", elapsedSeconds: 1 } };
    yield { type: "finished", document: answer.document ?? document };
  }
  const context = fakeContext();
  context.openEngine = async () =>
    ({
      client: { edits: { run: async (spec: EditSpec) => events(spec) } } as unknown as EngineClient,
      connect: () => () => undefined,
      close: async () => undefined,
    }) as never;
  const exitCode = await runCommandLine(words.split(" ").filter(Boolean), context);
  return { exitCode, asked, out: context.stdout.text, err: context.stderr.text };
}

describe("what was typed reaches the engine", () => {
  const cases: [string, object][] = [
    [
      "intervene --base /b --tuned /t --lambda 0.7 --which all --arm step --k 5 --epsilon 0.4 --modules q_proj --rank 3 --out /o --overwrite",
      {
        ...{
          edit: "intervene",
          base: "/b",
          tuned: "/t",
          pattern: "q_proj",
          full: false,
          rank: 3,
          out: "/o",
          overwrite: true,
        },
        intervention: { arm: "step", lambda: 0.7, which: "all", k: 5, epsilon: 0.4 },
      },
    ],
    [
      "intervene --tuned /t --lambda 0 --vectors model.a=2,0 --vectors model.b=1 --full --out o",
      {
        ...{ edit: "intervene", tuned: "/t", full: true, out: "/nowhere/o", overwrite: false },
        intervention: {
          ...{ arm: "scale", lambda: 0, k: 10, epsilon: 0.5 },
          which: [
            { module: "model.a", vectors: [2, 0] },
            { module: "model.b", vectors: [1] },
          ],
        },
      },
    ],
    [
      "extract-lora --base /b --tuned /t --energy 0.9 --modules mlp --out /o",
      { edit: "extract-lora", base: "/b", tuned: "/t", energy: 0.9, modules: "mlp", out: "/o", overwrite: false },
    ],
    [
      "merge --tuned /t --dtype bf16 --out /o",
      { edit: "merge", tuned: "/t", dtype: "BF16", out: "/o", overwrite: false },
    ],
    [
      "average /a /b --weights 1,3 --rank 8 --base /base --out /o",
      { edit: "average", base: "/base", members: ["/a", "/b"], weights: [1, 3], rank: 8, out: "/o", overwrite: false },
    ],
  ];
  test.each(cases)("%s", async (words, spec) => {
    const { exitCode, asked, err } = await run(`${words} --quiet`);
    expect({ exitCode, err, asked }).toEqual({ exitCode: 0, err: "", asked: [spec] });
    expect(editSpec.parse(asked[0])).toEqual(spec);
  });
});

test.each([
  ["intervene --tuned /t --out /o", "--lambda is missing"],
  ["intervene --lambda 0.5 --out /o", "--tuned is missing"],
  ["intervene --tuned /t --lambda 0.5", "--out is missing"],
  ["intervene --tuned /t --lambda 2.5 --out /o", "--lambda must be a number from 0 to 2"],
  ["intervene --tuned /t --lambda -1 --out /o", "--lambda must be a number from 0 to 2"],
  ["intervene --tuned /t --lambda x --out /o", "--lambda must be a number from 0 to 2"],
  ["intervene --tuned /t --lambda 0.5 --which some --out /o", "--which must be strongest or all"],
  ["intervene --tuned /t --lambda 0.5 --vectors model.a --out /o", "must read MODULE=0,2"],
  ["intervene --tuned /t --lambda 0.5 --which all --vectors m=1 --out /o", "Give either --which or --vectors"],
  ["intervene --tuned /t --lambda 0.5 --arm melt --out /o", "--arm must be one of scale, step"],
  ["intervene --tuned /t --lambda 0.5 --full --rank 4 --out /o", "--rank is for adapters"],
  ["extract-lora --base /b --tuned /t --out /o", "Give either --rank or --energy"],
  ["extract-lora --base /b --tuned /t --rank 4 --energy 0.5 --out /o", "Give either --rank or --energy"],
  ["extract-lora --base /b --tuned /t --energy 0 --out /o", "--energy must lie above 0"],
  ["extract-lora --tuned /t --rank 4 --out /o", "--base is missing"],
  ["merge --tuned /t --dtype int8 --out /o", "--dtype must be one of source"],
  ["average /a --out /o", "at least two"],
  ["average /a /b --weights 1 --out /o", "1 numbers for 2 members"],
  ["average /a /b --weights 0,0 --out /o", "one of them above"],
])("wrong usage: %s", async (words, message) => {
  const { exitCode, err, asked } = await run(words);
  expect({ exitCode, asked }).toEqual({ exitCode: 2, asked: [] });
  expect(err).toContain(message);
});

test.each(["intervene", "extract-lora", "merge", "average"])("%s --help has an example", async (verb) => {
  const { exitCode, out } = await run(`${verb} --help`);
  expect(exitCode).toBe(0);
  expect(out).toContain(`$ deltascope ${verb}`);
});

test("--json prints the document and nothing else; progress goes to standard error", async () => {
  const { out, err } = await run("intervene --tuned /t --lambda 0.7 --out /o --json");
  expect(editDocument.parse(JSON.parse(out))).toEqual(document);
  expect(err).toMatch(/^write: /);
});

test("the summary says where, how exact, and what the controls would do", async () => {
  const { out } = await run("intervene --tuned /t --lambda 0.7 --out /o");
  expect(out).toMatch(/^Wrote \/o\nadapter, F32 · ranks 4–5 · 1 edited module, 1 as trained · 1\.2 kB/);
  expect(out).toContain("Read back: differs from what was meant by 2.0e−8 of its norm.");
  expect(out).toMatch(/^scale +0\.70 +1 +1 +20\.0 % +3\.21 +0$/m);
  expect(out).toMatch(/^step +0\.70 +1 +1 +10\.0 % +3\.21 +–$/m);
  expect(out).toContain("All figures over the module that holds chosen vectors; analyze");
});

test("failures end with their code, with --json as a document", async () => {
  const failure = new DeltaScopeError("edit.no-intruders", "None of the modules has one.");
  const { exitCode, out, err } = await run("intervene --tuned /t --lambda 0.7 --out /o --json", { failure });
  expect(exitCode).toBe(1);
  expect(JSON.parse(out)).toMatchObject({ error: { code: "edit.no-intruders" } });
  expect(err).toContain("error edit.no-intruders: None of the modules has one.\ntip: Choose vectors by hand");
});
