import { describe, expect, test } from "vitest";
import { BASE, ON_Q, P, Q, read } from "../../../../test/builders/adapter-reading.ts";
import { factorShapes } from "../../../../test/builders/headers.ts";

const STORED = `${P}lm_head.base_layer.weight`;
const WITH_HEAD = { ...BASE, "lm_head.weight": [20, 8] };
const HEAD = { ...factorShapes("lm_head", 20, 8), [STORED]: [20, 8] };

/** What peft 0.21.2 runs was measured for each: ‖ΔW‖ of the merged model against the base's, in float64. */
describe.each(["pissa", "olora"])("%s", (start) => {
  const config = { ...ON_Q, target_modules: ["q_proj", "lm_head"], init_lora_weights: start };

  test("a stored weight is what the start left of it: nothing is taken out of it again", () => {
    const { matrices, evidence } = read(config, { ...Q, ...HEAD }, WITH_HEAD);
    const head = matrices.find(({ name }) => name === "lm_head");
    expect(Object.keys(head?.delta ?? {}).sort()).toEqual(["lowRank", "replacement"]);
    expect(head?.delta.replacement?.tensor).toMatchObject({ storedName: STORED });
    expect(matrices.find(({ name }) => name.endsWith("q_proj"))?.delta.formula).toMatchObject({ kind: "taken" });
    expect(evidence.filter(({ module }) => module === "lm_head")).toEqual([]);
  });

  test("the embedding that shares it runs what is left, too", () => {
    const { matrices } = read(config, { ...Q, ...HEAD }, BASE, { tied: true });
    const embedding = matrices.find(({ name }) => name === "model.embed_tokens");
    expect(embedding?.delta).toEqual({ replacement: { tensor: expect.objectContaining({ storedName: STORED }) } });
  });

  test("no more directions than the matrix has; the scale stays that of the configuration", () => {
    const wide = { ...ON_Q, r: 40, lora_alpha: 80, init_lora_weights: start, layers_to_transform: [0] };
    const { matrices, alerts } = read(wide, factorShapes("model.layers.0.self_attn.q_proj", 8, 8, 8));
    expect(matrices[0]?.delta).toMatchObject({ formula: { numbers: { rank: 8 } }, lowRank: [{ scale: 2 }] });
    expect(alerts[0]?.message).toMatch(/(top|first) 8 .*rank up to 16/);
  });

  test("embeddings start as usual", () => {
    const shapes = {
      [`${P}model.embed_tokens.lora_embedding_A`]: [2, 20],
      [`${P}model.embed_tokens.lora_embedding_B`]: [8, 2],
    };
    const { matrices } = read({ ...config, target_modules: ["embed_tokens"] }, shapes);
    expect(matrices.map(({ name, delta }) => [name, Object.keys(delta)])).toEqual([
      ["model.embed_tokens", ["lowRank"]],
    ]);
  });
});
