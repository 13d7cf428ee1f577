import { describe, expect, test } from "vitest";
import { BASE, codesOf, ON_Q, P, Q, read, refusalOf } from "../../../../test/builders/adapter-reading.ts";
import { factorShapes, type Shapes } from "../../../../test/builders/headers.ts";

describe("tied embedding and head", () => {
  const EMBEDDING = {
    [`${P}model.embed_tokens.lora_embedding_A`]: [2, 20],
    [`${P}model.embed_tokens.lora_embedding_B`]: [8, 2],
  };
  const HEAD = factorShapes("lm_head", 20, 8);
  const [EMBEDDING_KEY, HEAD_KEY] = [`${P}model.embed_tokens.weight`, `${P}lm_head.weight`];
  const [COPY_E, COPY_H] = [`${P}model.embed_tokens.base_layer.weight`, `${P}lm_head.base_layer.weight`];
  const [SAVED_E, SAVED_H] = [{ [EMBEDDING_KEY]: [20, 8] }, { [HEAD_KEY]: [20, 8] }];
  const rows = (module: string, count: number) => ({
    [`${P}${module}.token_adapter.trainable_tokens_delta`]: [count, 8],
  });
  const targets = (...names: string[]) => ({ target_modules: ["q_proj", ...names] });
  const TIED = "adapter.tied-embeddings";

  test.each<[string, Record<string, unknown>, Shapes, string[], string[]]>([
    ["LoRA on the embedding", targets("embed_tokens"), EMBEDDING, ["model.embed_tokens"], [TIED]],
    ["LoRA on the head", targets("lm_head"), HEAD, ["lm_head"], [TIED]],
    [
      "LoRA on both",
      targets("embed_tokens", "lm_head"),
      { ...EMBEDDING, ...HEAD },
      ["lm_head", "model.embed_tokens"],
      [TIED],
    ],
    [
      "LoRA with ensured tying",
      { ...targets("embed_tokens"), ensure_weight_tying: true },
      { ...EMBEDDING, ...HEAD },
      ["lm_head", "model.embed_tokens"],
      [TIED],
    ],
    ["saved embedding", { modules_to_save: ["embed_tokens"] }, SAVED_E, ["model.embed_tokens"], [TIED]],
    ["saved head", { modules_to_save: ["lm_head"] }, SAVED_H, ["lm_head"], [TIED]],
    [
      "saved with ensured tying",
      { modules_to_save: ["embed_tokens"], ensure_weight_tying: true },
      { ...SAVED_E, ...SAVED_H },
      ["lm_head", "model.embed_tokens"],
      [],
    ],
    [
      "one list of token rows",
      { trainable_token_indices: [3, 1] },
      rows("model.embed_tokens", 2),
      ["lm_head", "model.embed_tokens"],
      [],
    ],
    [
      "equal lists",
      { trainable_token_indices: { embed_tokens: [3, 1], lm_head: [3, 1] } },
      rows("model.embed_tokens", 2),
      ["lm_head", "model.embed_tokens"],
      [],
    ],
    [
      "different lists",
      { trainable_token_indices: { embed_tokens: [3, 1], lm_head: [2] } },
      { ...rows("model.embed_tokens", 2), ...rows("lm_head", 1) },
      ["lm_head", "model.embed_tokens"],
      [TIED],
    ],
    ["rows of the head alone", { trainable_token_indices: { lm_head: [2] } }, rows("lm_head", 1), ["lm_head"], [TIED]],
  ])("%s", (_, config, tensors, modules, codes) => {
    const { matrices, alerts } = read({ ...ON_Q, ...config }, { ...Q, ...tensors }, BASE, { tied: true });
    const found = matrices.filter(({ name }) => !name.endsWith("q_proj"));
    expect(found.map(({ name }) => name).sort()).toEqual(modules);
    for (const pair of found) expect(pair.base?.tensor).toMatchObject({ name: "model.embed_tokens.weight" });
    expect(alerts.map(({ code }) => code)).toEqual(codes);
  });

  test("ensured tying with factors of one side: the same delta on both", () => {
    const config = { ...targets("lm_head"), ensure_weight_tying: true };
    const { matrices } = read(config, { ...Q, ...EMBEDDING }, BASE, { tied: true });
    const [first, second] = matrices.filter(({ name }) => !name.endsWith("q_proj"));
    expect(first?.delta).toEqual(second?.delta);
    expect(first?.delta.lowRank).toMatchObject([{ left: { transpose: true }, right: { transpose: true } }]);
  });

  test("each side of different lists has its own rows", () => {
    const config = { ...ON_Q, trainable_token_indices: { embed_tokens: [3, 1], lm_head: [2] } };
    const { matrices } = read(config, { ...Q, ...rows("model.embed_tokens", 2), ...rows("lm_head", 1) }, BASE, {
      tied: true,
    });
    const indices = new Map(matrices.map(({ name, delta }) => [name, delta.replacedRows?.indices]));
    expect([indices.get("model.embed_tokens"), indices.get("lm_head")]).toEqual([[3, 1], [2]]);
  });

  test("an untied base never alerts", () => {
    const base = { ...BASE, "lm_head.weight": [20, 8] };
    expect(codesOf(targets("embed_tokens"), { ...Q, ...EMBEDDING }, base)).toEqual([]);
  });

  // What peft 0.21.2 computes from such files: both are loaded into the one shared matrix, the head's last.
  test.each<[string, Record<string, unknown>, Shapes, string]>([
    ["of the embedding", targets("embed_tokens"), { ...EMBEDDING, [COPY_E]: [20, 8] }, COPY_E],
    ["of the head", targets("lm_head"), { ...HEAD, [COPY_H]: [20, 8] }, COPY_H],
    [
      "of both",
      targets("embed_tokens", "lm_head"),
      { ...EMBEDDING, ...HEAD, [COPY_E]: [20, 8], [COPY_H]: [20, 8] },
      COPY_H,
    ],
    [
      "of the embedding, with a plain head",
      targets("embed_tokens"),
      { ...EMBEDDING, [COPY_E]: [20, 8], ...SAVED_H },
      HEAD_KEY,
    ],
    ["of an embedding without factors", targets("lm_head"), { ...HEAD, ...SAVED_E }, EMBEDDING_KEY],
  ])("a stored copy %s that differs changes both sides", (_, config, tensors, key) => {
    const { evidence, matrices } = read(config, { ...Q, ...tensors }, BASE, { tied: true });
    expect(evidence).toHaveLength(1);
    const found = new Map(evidence[0]?.pairsWhenDifferent?.map(({ name, delta }) => [name, delta]));
    expect([...found.keys()].sort()).toEqual(["lm_head", "model.embed_tokens"]);
    for (const [name, { replacement, ...delta }] of found) {
      expect(replacement?.tensor).toMatchObject({ storedName: key });
      expect(delta).toEqual(matrices.find((pair) => pair.name === name)?.delta ?? {});
    }
  });

  test("a trained side has a matrix of its own, whatever is stored for the other", () => {
    const config = { ...targets("lm_head"), modules_to_save: ["embed_tokens"] };
    const { evidence, matrices } = read(config, { ...Q, ...HEAD, ...SAVED_E, [COPY_H]: [20, 8] }, BASE, { tied: true });
    expect(evidence[0]?.pairsWhenDifferent?.map(({ name }) => name)).toEqual(["lm_head"]);
    const replaced = matrices.filter(({ delta }) => delta.replacement !== undefined);
    expect(replaced.map(({ name }) => name)).toEqual(["model.embed_tokens"]);
  });

  test.each<[string, Record<string, unknown>, Shapes, string, string]>([
    [
      "a row outside",
      { trainable_token_indices: [20] },
      rows("model.embed_tokens", 1),
      "adapter.config-invalid",
      "holds 20, but model.embed_tokens has 20 rows",
    ],
    [
      "a wrong count",
      { trainable_token_indices: [1, 2] },
      rows("model.embed_tokens", 3),
      "adapter.shape-mismatch",
      "2 rows of 8 values are needed",
    ],
    ["no tensor", { trainable_token_indices: [1] }, {}, "adapter.tensor-missing", "has no trainable_tokens_delta"],
    ["no such module", { trainable_token_indices: { wte: [1] } }, {}, "adapter.config-invalid", 'names "wte"'],
    [
      "rows and LoRA on one module",
      { ...targets("embed_tokens"), trainable_token_indices: [1] },
      { ...EMBEDDING, ...rows("model.embed_tokens", 1) },
      "adapter.config-invalid",
      "`trainable_token_indices` and `target_modules` both name",
    ],
    [
      "rows and a saved module",
      { modules_to_save: ["embed_tokens"], trainable_token_indices: [1] },
      { ...SAVED_E, ...rows("model.embed_tokens", 1) },
      "adapter.config-invalid",
      "`modules_to_save` both name",
    ],
    [
      "different lists with ensured tying",
      { ensure_weight_tying: true, trainable_token_indices: { embed_tokens: [1], lm_head: [2] } },
      {},
      "adapter.config-invalid",
      "different lists for two tied modules",
    ],
  ])("refused: %s", (_, config, tensors, code, words) => {
    const refusal = refusalOf({ ...ON_Q, ...config }, { ...Q, ...tensors }, BASE, { tied: true });
    expect(refusal.code).toBe(code);
    expect(refusal.message).toContain(words);
  });
});
