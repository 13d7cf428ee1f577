/** Links that lead out of the folder, to devices, to nothing. */
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { writeAdapter, writeCheckpoint } from "../builders/checkpoint.ts";
import type { FolderCase } from "./folder-case.ts";

export const linkCases: FolderCase[] = [
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
