/** What is in the folder, and the headers of its files. */
import { truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { shardName, writeAdapter, writeCheckpoint, writeJson } from "../builders/checkpoint.ts";
import { rawSafetensors, writeSafetensors } from "../builders/safetensors.ts";
import { type FolderCase, ONE, writeText } from "./folder-case.ts";

export const contentCases: FolderCase[] = [
  { name: "an empty folder", build: () => undefined, expected: "source.empty" },
  {
    name: "a folder with a text only",
    build: (folder) => writeText(folder, "README.md", "#"),
    expected: "checkpoint.no-tensors",
  },
  {
    name: "a pickled model",
    build(folder) {
      writeText(folder, "config.json", "{}");
      writeText(folder, "pytorch_model.bin", "\x80\x04");
    },
    expected: "checkpoint.pickle",
    names: "pytorch_model.bin",
  },
  {
    name: "pickled shards with an index",
    build(folder) {
      writeJson(join(folder, "pytorch_model.bin.index.json"), {
        weight_map: { x: "pytorch_model-00001-of-00002.bin" },
      });
      writeText(folder, "pytorch_model-00001-of-00002.bin", "\x80\x04");
    },
    expected: "checkpoint.pickle",
  },
  {
    name: "a pickled adapter",
    build(folder) {
      writeJson(join(folder, "adapter_config.json"), { peft_type: "LORA" });
      writeText(folder, "adapter_model.bin", "\x80\x04");
    },
    expected: "adapter.pickle",
  },
  {
    name: "a model and an adapter together",
    build(folder) {
      writeCheckpoint(folder);
      writeAdapter(folder);
    },
    expected: "source.ambiguous",
  },
  {
    name: "two models side by side",
    build(folder) {
      for (const name of ["a.safetensors", "b.safetensors"]) writeSafetensors(join(folder, name), { x: ONE });
    },
    expected: "source.ambiguous",
    names: "b.safetensors",
  },
  {
    name: "adapters in sub-folders only",
    build(folder) {
      for (const name of ["a", "b"]) writeAdapter(join(folder, name));
    },
    expected: "source.ambiguous",
  },
  {
    name: "weights without a single tensor",
    build(folder) {
      writeSafetensors(join(folder, "model.safetensors"), {});
    },
    expected: "checkpoint.no-tensors",
  },
  {
    name: "a wrapped model's state dict",
    build(folder) {
      writeSafetensors(join(folder, "model.safetensors"), { "model.layers.0.q_proj.base_layer.weight": ONE });
    },
    expected: "checkpoint.contains-adapter",
  },
  {
    name: "the same tensor in two unindexed shards",
    build(folder) {
      for (const part of [0, 1]) writeSafetensors(join(folder, shardName(part, 2)), { x: ONE });
    },
    expected: "safetensors.header-invalid",
    names: "x",
  },
  {
    name: "weights are a text",
    build: (folder) =>
      writeText(folder, "model.safetensors", "version https://git-lfs.github.com/spec/v1\noid sha256:0\n"),
    expected: "safetensors.header-invalid",
  },
  {
    name: "weights end early",
    build(folder) {
      truncateSync(join(writeCheckpoint(folder), "model.safetensors"), 5000);
    },
    expected: "source.truncated",
  },
  {
    name: "weights are of length zero",
    build: (folder) => writeText(folder, "model.safetensors", ""),
    expected: "source.truncated",
  },
  {
    name: "metadata with inherited names",
    build(folder) {
      const header =
        '{"__metadata__":{"__proto__":"x","constructor":"y"},"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}';
      writeFileSync(join(folder, "model.safetensors"), rawSafetensors(header, Buffer.from([1])));
    },
    expected: "opens",
  },
  {
    name: "metadata holds a number",
    build(folder) {
      const header = '{"__metadata__":{"a":1},"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}';
      writeFileSync(join(folder, "model.safetensors"), rawSafetensors(header, Buffer.from([1])));
    },
    expected: "safetensors.header-invalid",
  },
  {
    name: "a tensor twice in one header",
    build(folder) {
      const entry = (from: number) => `"a":{"dtype":"U8","shape":[1],"data_offsets":[${from},${from + 1}]}`;
      writeFileSync(
        join(folder, "model.safetensors"),
        rawSafetensors(`{${entry(0)},${entry(1)}}`, Buffer.from([1, 2])),
      );
    },
    expected: "safetensors.header-invalid",
    names: '"a"',
  },
  {
    name: "names with terminal escapes and line breaks",
    build(folder) {
      writeSafetensors(join(folder, "model.safetensors"), { "\u001b[2J\n\u202eevil.lora_A.weight": ONE });
    },
    expected: "checkpoint.contains-adapter",
    names: "\\u001b",
  },
];
