/** model.safetensors.index.json that names what it must not. */
import { truncateSync } from "node:fs";
import { join } from "node:path";
import { shardName, tinyTensors, writeCheckpoint, writeJson } from "../builders/checkpoint.ts";
import { writeSafetensors } from "../builders/safetensors.ts";
import { type FolderCase, MEBIBYTE, ONE, writeText } from "./folder-case.ts";

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

export const indexCases: FolderCase[] = [
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
