/** Folders that try to mislead or to harm, each with the code that must answer it, or `opens` for a harmless one. */
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ErrorCode } from "../../src/contract/errors.ts";
import { shardName, tinyTensors, writeAdapter, writeCheckpoint, writeJson } from "../builders/checkpoint.ts";
import { rawSafetensors, writeSafetensors } from "../builders/safetensors.ts";

export interface FolderCase {
  name: string;
  /** Fills the folder; `outside` is a folder beside it that holds `secret.safetensors` and `secret.json`. */
  build(folder: string, outside: string): void;
  expected: ErrorCode | "opens";
  /** What the message must name. */
  names?: string;
}

const ONE = { dtype: "F32", shape: [1], data: [1] };
const MEBIBYTE = 2 ** 20;

function writeText(folder: string, name: string, text: string): void {
  writeFileSync(join(folder, name), text);
}

function writeIndex(folder: string, map: unknown): void {
  writeJson(join(folder, "model.safetensors.index.json"), { weight_map: map });
}

/** Shards whose index puts one tensor somewhere else. */
function misdirected(target: string): FolderCase["build"] {
  return (folder) => {
    writeCheckpoint(folder, { shards: 2 });
    const map = Object.fromEntries([...tinyTensors().keys()].map((name) => [name, shardName(0, 2)]));
    writeIndex(folder, { ...map, "model.norm.weight": target });
  };
}

const linkCases: FolderCase[] = [
  {
    name: "weights are a link outside",
    build(folder, outside) {
      writeCheckpoint(folder, { shards: 2 });
      symlinkSync(join(outside, "secret.safetensors"), join(folder, "model.safetensors"));
    },
    expected: "source.path-escape",
    names: "secret.safetensors",
  },
  {
    name: "config.json is a relative link outside",
    build(folder) {
      writeCheckpoint(folder, { config: false });
      symlinkSync("../outside/secret.json", join(folder, "config.json"));
    },
    expected: "source.path-escape",
  },
  {
    name: "adapter_config.json is a link to a system file",
    build(folder) {
      writeAdapter(folder, { config: false });
      symlinkSync("/etc/passwd", join(folder, "adapter_config.json"));
    },
    expected: "source.path-escape",
  },
  {
    name: "a link goes through a linked folder to the outside",
    build(folder, outside) {
      symlinkSync(outside, join(folder, "inner"));
      symlinkSync("inner/secret.safetensors", join(folder, "model.safetensors"));
    },
    expected: "source.path-escape",
  },
  {
    name: "weights are a link to nothing",
    build(folder) {
      symlinkSync("absent", join(folder, "model.safetensors"));
    },
    expected: "source.unreadable",
    names: "model.safetensors",
  },
  {
    name: "weights are a link to a device",
    build(folder) {
      symlinkSync("/dev/zero", join(folder, "model.safetensors"));
    },
    expected: "source.path-escape",
  },
  {
    name: "weights are a link to themselves",
    build(folder) {
      symlinkSync("model.safetensors", join(folder, "model.safetensors"));
    },
    expected: "source.unreadable",
  },
];

const indexCases: FolderCase[] = [
  {
    name: "index climbs out",
    build: misdirected("../outside/secret.safetensors"),
    expected: "checkpoint.path-escape",
    names: "secret",
  },
  {
    name: "index names an absolute path",
    build: misdirected("/etc/x.safetensors"),
    expected: "checkpoint.path-escape",
  },
  {
    name: "index climbs out in the manner of Windows",
    build: misdirected("..\\x.safetensors"),
    expected: "checkpoint.path-escape",
  },
  {
    name: "index names a sub-folder of Windows",
    build: misdirected("inner\\x.safetensors"),
    expected: "checkpoint.path-escape",
  },
  { name: "index names a sub-folder", build: misdirected("inner/x.safetensors"), expected: "checkpoint.path-escape" },
  {
    name: "index hides the end of a name",
    build: misdirected("/etc/passwd\0.safetensors"),
    expected: "checkpoint.path-escape",
  },
  { name: "index names a pickle", build: misdirected("pytorch_model.bin"), expected: "checkpoint.pickle" },
  { name: "index names a text file", build: misdirected("README.md"), expected: "json.invalid" },
  {
    name: "index names an absent shard",
    build: misdirected("model-9.safetensors"),
    expected: "checkpoint.shard-missing",
    names: "model-9",
  },
  {
    name: "index is a number where a file should be",
    build(folder) {
      writeCheckpoint(folder, { shards: 2 });
      writeIndex(folder, { "model.norm.weight": 7 });
    },
    expected: "json.invalid",
    names: "model.norm.weight",
  },
  {
    name: "index has a list for a map",
    build(folder) {
      writeCheckpoint(folder, { shards: 2 });
      writeIndex(folder, ["a"]);
    },
    expected: "json.invalid",
  },
  {
    name: "index names nothing",
    build(folder) {
      writeCheckpoint(folder, { shards: 2 });
      writeIndex(folder, {});
    },
    expected: "checkpoint.no-tensors",
  },
  {
    name: "index keys are inherited names",
    build(folder) {
      writeSafetensors(
        join(folder, "a.safetensors"),
        new Map([
          ["__proto__", ONE],
          ["constructor", ONE],
        ]),
      );
      writeText(
        folder,
        "model.safetensors.index.json",
        '{"weight_map": {"__proto__": "a.safetensors", "constructor": "a.safetensors"}}',
      );
    },
    expected: "opens",
  },
  {
    name: "index says a key twice, and the last one counts",
    build(folder) {
      writeSafetensors(join(folder, "a.safetensors"), { x: ONE });
      writeText(
        folder,
        "model.safetensors.index.json",
        '{"weight_map": {"x": "../../secret.safetensors", "x": "a.safetensors"}}',
      );
    },
    expected: "opens",
  },
  {
    name: "index is larger than any index",
    build(folder) {
      writeCheckpoint(folder, { shards: 2 });
      truncateSync(join(folder, "model.safetensors.index.json"), 64 * MEBIBYTE + 1);
    },
    expected: "json.invalid",
    names: "more than the limit",
  },
  {
    name: "a shard's name promises millions of others",
    build(folder) {
      writeSafetensors(join(folder, "model-000001-of-999999.safetensors"), { x: ONE });
    },
    expected: "checkpoint.shard-missing",
    names: "999999",
  },
];

const configCases: FolderCase[] = [
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
      writeText(writeCheckpoint(folder), "config.json", `{"a": [${"0,".repeat(5 * MEBIBYTE)}0]}`);
    },
    expected: "checkpoint.config-invalid",
    names: "values",
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

const contentCases: FolderCase[] = [
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

export const folderCases: readonly FolderCase[] = [...linkCases, ...indexCases, ...configCases, ...contentCases];
