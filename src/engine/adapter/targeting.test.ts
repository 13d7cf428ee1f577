import { expect, test } from "vitest";
import { finish } from "../../../test/builders/finish.ts";
import { headerAdapter } from "../../../test/builders/headers.ts";
import { readLoraConfig } from "./config.ts";
import { makeTargeting } from "./targeting.ts";

function targetingOf(config: Record<string, unknown>, modelType = "qwen2") {
  return makeTargeting(finish(readLoraConfig(headerAdapter(config, {}))), modelType);
}

function isTarget(config: Record<string, unknown>, name: string): boolean {
  const kind = name.endsWith("embed_tokens") ? "embedding" : "linear";
  return targetingOf(config).isTarget({ wrapped: name, kind, isHead: name === "lm_head" });
}

const at = (layer: number, kind: string) => `model.layers.${layer}.${kind}`;
const Q0 = at(0, "self_attn.q_proj");
const Q1 = at(1, "self_attn.q_proj");
const DOWN1 = at(1, "mlp.down_proj");

test.each<[string, Record<string, unknown>, string, boolean]>([
  ["default of qwen2", { target_modules: null }, Q0, true],
  ["default of qwen2", { target_modules: null }, DOWN1, false],
  ["list entry as suffix", { target_modules: ["q_proj"] }, Q0, true],
  ["list entry equal", { target_modules: [Q0] }, Q0, true],
  ["list entry is literal", { target_modules: [".*v_proj"] }, at(0, "self_attn.v_proj"), false],
  ["list entry needs a dot before", { target_modules: ["roj"] }, Q0, false],
  ["text is a regex on the whole name", { target_modules: "q_proj" }, Q0, false],
  ["text is a regex on the whole name", { target_modules: ".*\\.(q|v)_proj" }, Q0, true],
  ["all-linear", { target_modules: "all-linear" }, DOWN1, true],
  ["all-linear in any case", { target_modules: "All-Linear" }, DOWN1, true],
  ["all-linear leaves the head out", { target_modules: "all-linear" }, "lm_head", false],
  ["all-linear leaves embeddings out", { target_modules: "all-linear" }, "model.embed_tokens", false],
  ["the head by name", { target_modules: ["lm_head"] }, "lm_head", true],
  ["exclude list, suffix", { exclude_modules: ["q_proj"] }, Q0, false],
  ["exclude list, equal", { exclude_modules: [Q0] }, Q0, false],
  ["exclude list, other", { exclude_modules: [Q0] }, Q1, true],
  ["exclude text is a full match", { exclude_modules: "q_proj" }, Q0, true],
  ["exclude text is a full match", { exclude_modules: ".*layers\\.0\\..*" }, Q0, false],
  ["empty exclude", { exclude_modules: [] }, Q0, true],
  ["modules_to_save and everything inside", { target_modules: ["down_proj"], modules_to_save: ["mlp"] }, DOWN1, false],
  ["modules_to_save is not escaped", { target_modules: ["down_proj"], modules_to_save: ["m.p"] }, DOWN1, false],
  ["modules_to_save needs a dot before", { target_modules: ["down_proj"], modules_to_save: ["lp"] }, DOWN1, true],
  ["layers", { layers_to_transform: [1] }, Q1, true],
  ["layers", { layers_to_transform: [1] }, Q0, false],
  ["one layer as a number", { layers_to_transform: 1 }, Q1, true],
  ["layer zero as a number", { layers_to_transform: 0 }, Q1, false],
  ["no layers means no filter", { layers_to_transform: [] }, Q0, true],
  ["a full name skips the layer filter", { target_modules: [Q0], layers_to_transform: [1] }, Q0, true],
  [
    "no layer number",
    { target_modules: ["lm_head", "embed_tokens"], layers_to_transform: [1] },
    "model.embed_tokens",
    false,
  ],
  ["layers_pattern", { layers_to_transform: [1], layers_pattern: "layers" }, Q1, true],
  ["layers_pattern, other name", { layers_to_transform: [1], layers_pattern: ["blocks"] }, Q1, false],
  ["first layers_pattern that matches", { layers_to_transform: [1], layers_pattern: ["blocks", "lay.*"] }, Q1, true],
  [
    "experts: the layer counts, not the expert",
    { target_modules: ["up_proj"], layers_to_transform: [3] },
    at(1, "mlp.experts.3.up_proj"),
    false,
  ],
])("%s: %j on %s → %s", (_, config, name, expected) => {
  expect(isTarget(config, name)).toBe(expected);
});

test("target_parameters: equal, or suffix after a dot", () => {
  const { isTargetParameter } = targetingOf({ target_parameters: ["mlp.down_proj.weight", "gate_up_proj"] });
  expect(isTargetParameter("model.layers.0.mlp.down_proj.weight")).toBe(true);
  expect(isTargetParameter("model.layers.0.xmlp.down_proj.weight")).toBe(false);
  expect(isTargetParameter("model.layers.0.mlp.experts.gate_up_proj")).toBe(true);
});

test.each([{ target_modules: ".*(?<!v)_proj" }, { exclude_modules: "(?!a).*" }, { modules_to_save: ["(?=a)"] }])(
  "%j is noted as unsupported",
  (config) => {
    expect(targetingOf(config).unsupported).toHaveLength(1);
  },
);

test("no default for an unknown model type", () => {
  expect(() => targetingOf({ target_modules: null }, "frobnicate")).toThrow(
    /no default for the model type "frobnicate"/u,
  );
});
