import { expect, test } from "vitest";
import { finish } from "../../../test/builders/finish.ts";
import { headerAdapter } from "../../../test/builders/headers.ts";
import { DeltaScopeError } from "../../contract/errors.ts";
import { readLoraConfig } from "./config.ts";

function refusalOf(config: Record<string, unknown>): DeltaScopeError {
  try {
    finish(readLoraConfig(headerAdapter(config, {})));
  } catch (thrown) {
    if (thrown instanceof DeltaScopeError) return thrown;
  }
  throw new Error("not refused");
}

test("absent keys have peft's defaults; alpha does not follow r", () => {
  const config = finish(readLoraConfig(headerAdapter('{"peft_type": "LORA", "r": 64}', {})));
  expect(config).toMatchObject({
    r: 64,
    lora_alpha: 8,
    use_rslora: false,
    use_dora: false,
    bias: "none",
    rankPattern: [],
  });
  expect(config.target_modules).toBeUndefined();
});

test("null stands for absent where peft allows it, and unknown keys are ignored", () => {
  const nothing = { use_dora: null, exclude_modules: null, layer_replication: null, trainable_token_indices: null };
  expect(() => finish(readLoraConfig(headerAdapter({ ...nothing, some_future_key: { a: 1 } }, {})))).not.toThrow();
});

test.each<[Record<string, unknown>, string]>([
  [{ r: null }, "`r` is null"],
  [{ r: 0 }, "`r` is 0"],
  [{ r: -4 }, "`r` is -4"],
  [{ r: 2.5 }, "`r` is 2.5"],
  [{ r: "8" }, '`r` is "8"'],
  [{ lora_alpha: null }, "`lora_alpha` is null"],
  [{ rank_pattern: null }, "`rank_pattern` is null"],
  [{ alpha_pattern: null }, "`alpha_pattern` is null"],
  [{ alpha_pattern: [] }, "`alpha_pattern` is []"],
  [{ rank_pattern: { q_proj: 0 } }, '`rank_pattern` gives 0 for "q_proj"'],
  [{ rank_pattern: { q_proj: [true, false] } }, "`rank_pattern` gives [true,false]"],
  [{ alpha_pattern: { q_proj: "4" } }, '`alpha_pattern` gives "4"'],
  [{ target_modules: 7 }, "`target_modules` is 7"],
  [{ target_parameters: "gate_up_proj" }, "`target_parameters` is"],
  [{ layers_to_transform: "1" }, '`layers_to_transform` is "1"'],
  [{ trainable_token_indices: [-1] }, "`trainable_token_indices` is [-1]"],
  [{ layer_replication: [[0, 2, 3]] }, "`layer_replication` is [[0,2,3]]"],
  [{ modules_to_save: Array(1001).fill("norm") }, "at most 1000 entries"],
  [{ use_dora: "yes" }, '`use_dora` is "yes"'],
  [{ target_modules: ".*q_proj", layers_to_transform: [1] }, "`layers_to_transform` is [1], but"],
  [{ target_modules: ".*q_proj", layers_pattern: "layers" }, '`layers_pattern` is "layers", but'],
  [{ target_parameters: ["gate_up_proj"], use_dora: true }, "`target_parameters` and `use_dora`"],
  [{ target_parameters: ["gate_up_proj"], lora_bias: true }, "`target_parameters` and `lora_bias`"],
  [{ lora_bias: true, use_dora: true }, "`lora_bias` and `use_dora`"],
])("%j is refused and says so", (config, words) => {
  const refusal = refusalOf(config);
  expect(refusal.code).toBe("adapter.config-invalid");
  expect(refusal.message).toContain(words);
});

test("a hostile value is cut short in the message", () => {
  expect(refusalOf({ r: "x".repeat(10_000) }).message.length).toBeLessThan(200);
});
