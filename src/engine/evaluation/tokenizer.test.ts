import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Tokenizer } from "@huggingface/tokenizers";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../test/builders/folders.ts";
import { fc } from "../../../test/builders/properties.ts";
import { openVocabulary } from "./tokenizer.ts";

const golden = join(import.meta.dirname, "../../../test/golden");
const model = join(golden, "scoring/models/q2-tied-bf16");
type Json = Record<string, unknown>;

/** The small model's tokenizer with changes to its files. */
function changed(tokenizer: (value: Json) => void, config: (value: Json) => void = () => undefined): string {
  const folder = temporaryFolder();
  for (const [name, change] of [
    ["tokenizer.json", tokenizer],
    ["tokenizer_config.json", config],
  ] as const) {
    const value = JSON.parse(readFileSync(join(model, name), "utf8"));
    change(value);
    writeFileSync(join(folder, name), JSON.stringify(value));
  }
  cpSync(join(model, "config.json"), join(folder, "config.json"));
  return folder;
}

test("the ids are transformers', string by string", async () => {
  const { encode, alerts, size } = await openVocabulary(model);
  const lines = readFileSync(join(golden, "tasks/tokenizer.jsonl"), "utf8").trimEnd().split("\n");
  expect(lines.length).toBeGreaterThan(500);
  for (const line of lines) {
    const { text, ids } = JSON.parse(line);
    expect(encode(text), JSON.stringify(text)).toEqual(ids);
  }
  expect(alerts).toEqual([]);
  expect(size).toBe(761);
});

test("sharing the beginnings of texts changes no id", async () => {
  const { encode } = await openVocabulary(model);
  const files = ["tokenizer.json", "tokenizer_config.json"].map((name) =>
    JSON.parse(readFileSync(join(model, name), "utf8")),
  );
  const whole = new Tokenizer(files[0], files[1]);
  const piece = fc.constantFrom(
    ..."\n|\r|\n\n| |  |\t|a|The|lantern|'s|'S|é|e\u0301|\u0301|:|.|\"|7|12|<|im_end|>|<|im_end|>\n|\u00a0|日".split(
      "|",
    ),
    "<|im_end|>",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), fc.array(piece, { maxLength: 4 }), (start, end) => {
      for (const text of [start.join(""), [...start, ...end].join("")])
        expect(encode(text)).toEqual(whole.encode(text).ids);
    }),
    { numRuns: 2000 },
  );
});

test("the prefix token is the tokenizer's bos, else its eos, else the one asked for", async () => {
  expect(await openVocabulary(model)).toMatchObject({ prefix: 757, prefixText: "<|endoftext|>" });
  expect(await openVocabulary(model, 759)).toMatchObject({ prefix: 759, prefixText: "<|im_end|>" });
  expect((await openVocabulary(join(model, "model.safetensors"))).fingerprint).toBe(
    (await openVocabulary(model)).fingerprint,
  );
  const instruct = changed(
    () => undefined,
    (config) => Object.assign(config, { eos_token: { content: "<|im_end|>" } }),
  );
  expect(await openVocabulary(instruct)).toMatchObject({ prefix: 759 });
  const begin = changed(
    () => undefined,
    (config) => Object.assign(config, { bos_token: "<|im_start|>" }),
  );
  expect(await openVocabulary(begin)).toMatchObject({ prefix: 758 });
  await expect(openVocabulary(model, 5000)).rejects.toMatchObject({ code: "tokenizer.invalid" });
});

test("another pattern in the file is not used, as in transformers, and told", async () => {
  const folder = changed((value) => {
    const steps = (value.pre_tokenizer as { pretokenizers: Json[] }).pretokenizers;
    Object.assign(steps[0] as Json, { pattern: { Regex: "(a+)+$" } });
  });
  const { encode, alerts } = await openVocabulary(folder);
  expect(alerts).toMatchObject([{ code: "evaluation.tokenizer-differs" }]);
  const text = `${"a".repeat(50)}! Hello  you`;
  expect(encode(text)).toEqual((await openVocabulary(model)).encode(text));
});

test("where transformers keeps the file's own steps, unknown ones are refused", async () => {
  const change = (value: Json) => Object.assign(value, { normalizer: null });
  const folder = changed(change, (config) => Object.assign(config, { tokenizer_class: "LlamaTokenizerFast" }));
  await expect(openVocabulary(folder)).rejects.toMatchObject({
    code: "tokenizer.invalid",
    message: expect.stringContaining("normalizer is none"),
  });
});

test("a post-processor's tokens stand before a text that has none", async () => {
  const special = { SpecialToken: { id: "<|endoftext|>", type_id: 0 } };
  const single = [special, { Sequence: { id: "A", type_id: 0 } }];
  const processor = {
    type: "TemplateProcessing",
    single,
    pair: single,
    special_tokens: { "<|endoftext|>": { id: "<|endoftext|>", ids: [757], tokens: ["<|endoftext|>"] } },
  };
  const { encode } = await openVocabulary(changed((value) => Object.assign(value, { post_processor: processor })));
  const plain = (await openVocabulary(model)).encode("the lantern");
  expect(encode("the lantern")).toEqual([757, ...plain]);
  expect(encode("<|endoftext|>the lantern")).toEqual([757, ...plain]);
});

test.each<[string, (value: Json) => void, RegExp]>([
  [
    "a token beyond the embedding",
    (v) => Object.assign((v.model as { vocab: Json }).vocab, { zzz: 900 }),
    /token 900.*832 rows/,
  ],
  [
    "a fraction as id",
    (v) => Object.assign((v.model as { vocab: Json }).vocab, { zzz: 1.5 }),
    /model.vocab has the entry "zzz"/,
  ],
  ["no vocabulary", (v) => Object.assign(v, { model: { type: "BPE" } }), /model.vocab/],
  ["another model", (v) => Object.assign(v.model as Json, { type: "WordPiece" }), /model.type/],
  ["merges that are numbers", (v) => Object.assign(v.model as Json, { merges: [1] }), /model.merges/],
  [
    "an unknown post-processor",
    (v) => Object.assign(v, { post_processor: { type: "RobertaProcessing" } }),
    /RobertaProcessing/,
  ],
  [
    "an empty added token",
    (v) => Object.assign(v, { added_tokens: [{ id: 1, content: "" }] }),
    /added_tokens.0.content/,
  ],
])("%s is refused", async (_, change, message) => {
  await expect(openVocabulary(changed(change))).rejects.toMatchObject({
    code: "tokenizer.invalid",
    message: expect.stringMatching(message),
  });
});

test("tokens that only tokenizer_config.json knows are known", async () => {
  const added = { 800: { content: "<note>", special: true } };
  const folder = changed(
    () => undefined,
    (config) => Object.assign(config, { added_tokens_decoder: added }),
  );
  const { encode, size } = await openVocabulary(folder);
  expect(encode("<note>")).toEqual([800]);
  expect(size).toBe(762);
});

test("the chat template is a file, a text, or the default of several", async () => {
  const template = (end: string) => `{{ messages[0].content }}${end}`;
  const folder = changed(
    () => undefined,
    (config) =>
      Object.assign(config, {
        chat_template: [
          { name: "tools", template: template("x") },
          { name: "default", template: template("y") },
        ],
      }),
  );
  expect((await openVocabulary(folder)).chat("a")).toBe("ay");
  writeFileSync(join(folder, "chat_template.jinja"), template("z"));
  expect((await openVocabulary(folder)).chat("a")).toBe("az");
  writeFileSync(join(folder, "chat_template.jinja"), template(" ".repeat(200_000)));
  await expect(openVocabulary(folder)).rejects.toMatchObject({ message: expect.stringMatching(/131072 bytes/) });
});

test("an absent tokenizer is named, and a byte without a token", async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "config.json"), "{}");
  await expect(openVocabulary(folder)).rejects.toMatchObject({ code: "tokenizer.missing" });
  const without = changed((value) => {
    const { vocab } = value.model as { vocab: Json };
    delete vocab.q;
  });
  const { encode } = await openVocabulary(without);
  expect(() => encode("q")).toThrow(/no token for a part of "q"/);
});
