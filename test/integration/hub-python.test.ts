/**
 * The cache that a download leaves, read by Python's own package, offline.
 * Needs a Python with huggingface_hub: $DELTASCOPE_PYTHON, or the trainer's own environment.
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { openEngine } from "../../src/engine/engine.ts";
import { shardName, writeCheckpoint } from "../builders/checkpoint.ts";
import { temporaryFolder } from "../builders/folders.ts";
import { startHub } from "../builders/hub-server.ts";
import { hasPython, python } from "../builders/trainer-python.ts";

const program = `
import json, os
from huggingface_hub import scan_cache_dir, snapshot_download
found = scan_cache_dir()
revisions = [revision for repo in found.repos for revision in repo.revisions]
folder = snapshot_download("owner/tiny", local_files_only=True)
print(json.dumps({
    "folder": folder,
    "files": sorted(os.listdir(folder)),
    "refs": [sorted(revision.refs) for revision in revisions],
    "commits": [revision.commit_hash for revision in revisions],
    "warnings": [str(warning) for warning in found.warnings],
}))
`;

afterEach(() => vi.unstubAllEnvs());

test.runIf(hasPython)("huggingface_hub finds the snapshot by its branch, without a warning", async () => {
  const hub = await startHub();
  const home = temporaryFolder("home");
  const variables = { HF_ENDPOINT: hub.endpoint, HF_HOME: home, HF_HUB_CACHE: join(home, "hub"), HF_TOKEN: "" };
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
  const commit = hub.publish("owner/tiny", writeCheckpoint(join(home, "model"), { shards: 2 }));
  const engine = openEngine({ workspace: join(home, "workspace") });
  for await (const _ of await engine.client.hub.download({ sources: ["hf://owner/tiny"] }));
  await engine.close();
  await hub.close();

  const env = { ...process.env, HF_HUB_OFFLINE: "1" };
  const { stdout, stderr } = spawnSync(python, ["-c", program], { env, encoding: "utf8" });
  expect(stdout, stderr).not.toBe("");
  expect(JSON.parse(stdout)).toEqual({
    folder: join(home, "hub", "models--owner--tiny", "snapshots", commit),
    files: ["config.json", shardName(0, 2), shardName(1, 2), "model.safetensors.index.json"],
    ...{ refs: [["main"]], commits: [commit], warnings: [] },
  });
});
