/** Folders: what is missing, doubled, pickled, or of another program. */
import { mkdirSync, readFileSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { shardName, writeCheckpoint, writeJson } from "../builders/checkpoint.ts";
import { writeSafetensors } from "../builders/safetensors.ts";
import { adapter, both, type CodeCase, checkpoint, file, Q, zeros } from "./case.ts";

/** Half of the last shard is gone, as after an interrupted download. */
function cutShard(folder: string): void {
  writeCheckpoint(folder, { shards: 2 });
  const path = join(folder, "model-00002-of-00002.safetensors");
  truncateSync(path, Math.floor(readFileSync(path).length / 2));
}

const emptyFolder = (folder: string) => void mkdirSync(folder);

function index(target: string) {
  return file("model.safetensors.index.json", JSON.stringify({ weight_map: { [`${Q}.weight`]: target } }));
}

export const fileCases: CodeCase[] = [
  { name: "tuned folder missing", code: "source.not-found", says: /tuned/, inspect: true, tuned: () => undefined },
  { name: "base folder missing", code: "source.not-found", says: /base/, base: () => undefined },
  { name: "empty folder", code: "source.empty", says: /tuned/, inspect: true, tuned: emptyFolder },
  {
    name: "base is an adapter",
    code: "pairing.base-is-adapter",
    says: /base is an adapter; a base is a full checkpoint/,
    base: adapter(),
  },
  {
    name: "pickled checkpoint",
    code: "checkpoint.pickle",
    says: /pytorch_model\.bin/,
    inspect: true,
    tuned: both(file("config.json", "{}"), file("pytorch_model.bin")),
  },
  {
    name: "pickled adapter",
    code: "adapter.pickle",
    says: /adapter_model\.bin/,
    inspect: true,
    tuned: both(file("adapter_config.json", '{"peft_type":"LORA"}'), file("adapter_model.bin")),
  },
  {
    name: "adapter without weights",
    code: "adapter.weights-missing",
    says: /adapter_model\.safetensors/,
    inspect: true,
    tuned: file("adapter_config.json", '{"peft_type":"LORA"}'),
  },
  {
    name: "adapter without config",
    code: "adapter.config-missing",
    says: /adapter_config\.json/,
    inspect: true,
    tuned: adapter({ config: false }),
  },
  {
    name: "mlx adapter",
    code: "adapter.not-peft",
    says: /mlx/,
    inspect: true,
    tuned: both(file("adapter_config.json", '{"lora_parameters":{"rank":8}}'), file("adapters.safetensors")),
  },
  {
    name: "adapters in sub-folders only",
    code: "source.ambiguous",
    says: /style/,
    inspect: true,
    tuned: both(emptyFolder, (folder) => adapter()(join(folder, "style"))),
  },
  {
    name: "model and adapter in one folder",
    code: "source.ambiguous",
    says: /adapter/,
    inspect: true,
    tuned: both(checkpoint(), adapter()),
  },
  {
    name: "shard missing",
    code: "checkpoint.shard-missing",
    says: /model-00009/,
    inspect: true,
    tuned: both(checkpoint({ shards: 2 }), index("model-00009-of-00009.safetensors")),
  },
  {
    name: "the index climbs out",
    code: "checkpoint.path-escape",
    says: /other\/model\.safetensors/,
    inspect: true,
    tuned: both(checkpoint({ shards: 2 }), index("../other/model.safetensors")),
  },
  { name: "shard cut off", code: "source.truncated", says: /model-00002-of-00002/, inspect: true, tuned: cutShard },
  {
    name: "config is not JSON",
    code: "checkpoint.config-invalid",
    says: /config\.json/,
    inspect: true,
    tuned: both(checkpoint(), file("config.json", "{'a': 1}")),
  },
  {
    name: "weights without tensors",
    code: "checkpoint.no-tensors",
    says: /no tensors/,
    inspect: true,
    tuned: checkpoint({ tensors: {} }),
  },
  {
    name: "a file that the index does not name",
    code: "checkpoint.unindexed-file",
    says: /model-old\.safetensors/,
    inspect: true,
    tuned: both(checkpoint({ shards: 2, seed: 2 }), (folder) =>
      writeSafetensors(join(folder, "model-old.safetensors"), { stray: zeros("F32", 1) }),
    ),
  },
  {
    name: "an index that names other tensors",
    code: "checkpoint.index-differs",
    says: /does not name \d+ tensors/,
    inspect: true,
    tuned: both(checkpoint({ seed: 2, shards: 2 }), (folder) => {
      const files = { [`${Q}.weight`]: shardName(0, 2), "model.norm.weight": shardName(1, 2) };
      writeJson(join(folder, "model.safetensors.index.json"), { weight_map: files });
    }),
  },
  {
    name: "an adapter whose base is nowhere on this machine",
    code: "adapter.base-missing",
    says: /names is not on this machine: "nobody\/no-model"/,
    withoutBase: true,
    tuned: adapter({ config: { base_model_name_or_path: "nobody/no-model" } }),
  },
];
