/** config.json and adapter_config.json: too large, too deep, of the wrong kind. */
import { mkdirSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { writeAdapter, writeCheckpoint } from "../builders/checkpoint.ts";
import { type FolderCase, MEBIBYTE, writeText } from "./folder-case.ts";

export const configCases: FolderCase[] = [
  {
    name: "config.json is a bomb of brackets",
    build(folder) {
      writeText(writeCheckpoint(folder), "config.json", "[".repeat(8 * MEBIBYTE));
    },
    expected: "checkpoint.config-invalid",
    names: "nested deeper",
  },
  {
    name: "config.json nests deeply inside a harmless key",
    build(folder) {
      writeText(writeCheckpoint(folder), "config.json", `{"a": ${'{"a":'.repeat(5000)}1${"}".repeat(5000)}}`);
    },
    expected: "checkpoint.config-invalid",
  },
  {
    name: "config.json holds millions of values",
    build(folder) {
      const lists = new Array(100).fill(new Array(50_000).fill(0));
      writeText(writeCheckpoint(folder), "config.json", JSON.stringify({ a: lists }));
    },
    expected: "checkpoint.config-invalid",
    names: "values",
  },
  {
    name: "config.json holds a list of millions",
    build(folder) {
      writeText(writeCheckpoint(folder), "config.json", `{"a": [${"0,".repeat(5 * MEBIBYTE)}0]}`);
    },
    expected: "checkpoint.config-invalid",
    names: "entries",
  },
  {
    name: "config.json holds a text of many megabytes",
    build(folder) {
      writeText(writeCheckpoint(folder), "config.json", JSON.stringify({ a: "x".repeat(9 * MEBIBYTE) }));
    },
    expected: "checkpoint.config-invalid",
    names: "text of more than",
  },
  {
    name: "config.json is huge",
    build(folder) {
      truncateSync(join(writeCheckpoint(folder), "config.json"), 17 * MEBIBYTE);
    },
    expected: "checkpoint.config-invalid",
    names: "more than the limit",
  },
  {
    name: "config.json is no object",
    build(folder) {
      writeText(writeCheckpoint(folder), "config.json", '"qwen2"');
    },
    expected: "checkpoint.config-invalid",
  },
  {
    name: "config.json is cut off",
    build(folder) {
      writeText(writeCheckpoint(folder), "config.json", '{"model_type": "qwen2",');
    },
    expected: "checkpoint.config-invalid",
  },
  {
    name: "config.json ties the head by a word",
    build(folder) {
      writeCheckpoint(folder, { config: { tie_word_embeddings: "no" } });
    },
    expected: "checkpoint.config-invalid",
    names: "tie_word_embeddings",
  },
  {
    name: "config.json pollutes prototypes",
    build(folder) {
      const text =
        '{"__proto__": {"polluted": true}, "constructor": {"prototype": {"polluted": true}}, "model_type": "qwen2"}';
      writeText(writeCheckpoint(folder), "config.json", text);
    },
    expected: "opens",
  },
  {
    name: "config.json is a folder",
    build(folder) {
      mkdirSync(join(writeCheckpoint(folder, { config: false }), "config.json"));
    },
    expected: "opens",
  },
  {
    name: "adapter_config.json is a bomb of brackets",
    build(folder) {
      writeText(writeAdapter(folder), "adapter_config.json", "[".repeat(8 * MEBIBYTE));
    },
    expected: "adapter.config-invalid",
  },
  {
    name: "adapter_config.json has no peft_type",
    build(folder) {
      writeText(writeAdapter(folder), "adapter_config.json", '{"r": 4}');
    },
    expected: "adapter.config-invalid",
    names: "peft_type",
  },
  {
    name: "adapter_config.json inherits its peft_type",
    build(folder) {
      writeText(writeAdapter(folder), "adapter_config.json", '{"__proto__": {"peft_type": "LORA"}}');
    },
    expected: "adapter.config-invalid",
    names: "peft_type",
  },
  {
    name: "adapter_config.json has a list for its peft_type",
    build(folder) {
      writeAdapter(folder, { config: { peft_type: ["LORA"] } });
    },
    expected: "adapter.config-invalid",
    names: "LORA",
  },
];
