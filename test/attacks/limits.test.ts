/** Every limit on files at its boundary: what just fits opens, one more is refused with its code. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { ErrorCode } from "../../src/contract/errors.ts";
import { ID_LETTERS_MAXIMUM, parseHubId } from "../../src/contract/hub-id.ts";
import { PATTERN_ENTRIES_MAXIMUM } from "../../src/engine/adapter/config.ts";
import { STACK_LAYERS_MAXIMUM } from "../../src/engine/adapter/families/lora-replication.ts";
import { compilePattern, MAXIMUM_NAME_BYTES, MAXIMUM_PATTERN_LENGTH } from "../../src/engine/adapter/pattern.ts";
import { MAXIMUM_EXPRESSIONS, MAXIMUM_PATTERNS } from "../../src/engine/adapter/rank-alpha.ts";
import { HINT_LETTERS_MAXIMUM, resolveAdapterBase } from "../../src/engine/checkpoint/adapter-base.ts";
import { EXPERTS_MAXIMUM, MATRICES_MAXIMUM, refuseExperts } from "../../src/engine/checkpoint/experts.ts";
import { open } from "../../src/engine/checkpoint/open.ts";
import { readTables } from "../../src/engine/checkpoint/read-tables.ts";
import { describeOpened, ROLE_ROWS_MAXIMUM } from "../../src/engine/inspect.ts";
import { unitsOf } from "../../src/engine/pairing/units.ts";
import { REF_BYTES_MAXIMUM } from "../../src/engine/source/hub-cache.ts";
import { SUBFOLDERS_MAXIMUM } from "../../src/engine/source/list-files.ts";
import { openSource } from "../../src/engine/source/open-source.ts";
import {
  CONFIG_BYTES_MAXIMUM,
  CONFIG_ENTRIES_MAXIMUM,
  CONFIG_VALUES_MAXIMUM,
  INDEX_BYTES_MAXIMUM,
} from "../../src/engine/source/read-json.ts";
import { ON_Q, Q, read, refusalOf } from "../builders/adapter-reading.ts";
import { tinyConfig, writeAdapter, writeCheckpoint, writeJson } from "../builders/checkpoint.ts";
import { temporaryFolder } from "../builders/folders.ts";
import { headerCheckpoint, layerShapes } from "../builders/headers.ts";
import { writeSparseFile } from "../builders/sparse-checkpoint.ts";

let folder: string;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => {
  vi.unstubAllEnvs();
});

async function codeOf(location: string): Promise<ErrorCode | "opens"> {
  return open(location).then(
    () => "opens",
    (thrown) => thrown.code,
  );
}

/** The object as JSON of exactly so many bytes. */
function padded(value: object, bytes: number): string {
  return JSON.stringify(value).padEnd(bytes, " ");
}

/** As many values as a limit counts, in lists below their own limit. */
function withValues(value: object, count: number): string {
  const lists = (rest: number) => {
    const lengths = [...new Array(Math.floor(rest / CONFIG_ENTRIES_MAXIMUM)).fill(CONFIG_ENTRIES_MAXIMUM)];
    return JSON.stringify({ ...value, filler: [...lengths, 0].map((length) => new Array(length || 1).fill(0)) });
  };
  const counted = (text: string) => 1 + (text.match(/[[{,]/g)?.length ?? 0);
  const text = lists(count - 100);
  return text.replace("[0]]", `[0${",0".repeat(count - counted(text))}]]`);
}

describe("sizes of files", () => {
  test.each([
    ["config.json", "checkpoint.config-invalid", CONFIG_BYTES_MAXIMUM],
    ["adapter_config.json", "adapter.config-invalid", CONFIG_BYTES_MAXIMUM],
    ["model.safetensors.index.json", "json.invalid", INDEX_BYTES_MAXIMUM],
  ] as const)("%s", async (name, code, bytes) => {
    const value = writeFolder(name);
    writeFileSync(join(folder, name), padded(value, bytes));
    expect(await codeOf(folder)).toBe("opens");
    writeFileSync(join(folder, name), padded(value, bytes + 1));
    expect(await codeOf(folder)).toBe(code);
  });

  /** A folder that opens, and what its file of this name holds. */
  function writeFolder(name: string): object {
    if (name === "adapter_config.json") {
      writeAdapter(folder);
      return { peft_type: "LORA", r: 4, lora_alpha: 8, target_modules: ["q_proj", "v_proj"] };
    }
    writeCheckpoint(folder, { shards: name === "config.json" ? 1 : 2 });
    if (name === "config.json") return tinyConfig();
    return { weight_map: { "model.norm.weight": "model-00002-of-00002.safetensors" } };
  }

  test("values of a configuration", async () => {
    writeCheckpoint(folder);
    writeFileSync(join(folder, "config.json"), withValues(tinyConfig(), CONFIG_VALUES_MAXIMUM));
    expect(await codeOf(folder)).toBe("opens");
    writeFileSync(join(folder, "config.json"), withValues(tinyConfig(), CONFIG_VALUES_MAXIMUM + 1));
    expect(await codeOf(folder)).toBe("checkpoint.config-invalid");
  });

  test.each([
    ["list", (count: number) => new Array(count).fill(0)],
    ["object", (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, 0]))],
  ])("entries of one %s", async (_, filler) => {
    writeCheckpoint(folder);
    writeJson(join(folder, "config.json"), { ...tinyConfig(), filler: filler(CONFIG_ENTRIES_MAXIMUM) });
    expect(await codeOf(folder)).toBe("opens");
    writeJson(join(folder, "config.json"), { ...tinyConfig(), filler: filler(CONFIG_ENTRIES_MAXIMUM + 1) });
    expect(await codeOf(folder)).toBe("checkpoint.config-invalid");
  });
});

test("tensors of all files together", async () => {
  const files = ["a", "b"].map((name) => join(folder, `${name}.safetensors`));
  for (const path of files) {
    writeSparseFile(path, [
      { name: `${path} 1`, dtype: "U8", shape: [1] },
      { name: `${path} 2`, dtype: "U8", shape: [1] },
    ]);
  }
  const { files: listed } = await openSource(folder);
  expect(await readTables(listed, 4)).toHaveLength(2);
  await expect(readTables(listed, 3)).rejects.toMatchObject({ code: "safetensors.header-invalid" });
});

test("sub-folders that are looked into", async () => {
  for (let index = 0; index < SUBFOLDERS_MAXIMUM + 1; index++) {
    mkdirSync(join(folder, `${index}`));
    writeJson(join(folder, `${index}`, "adapter_config.json"), {});
  }
  expect((await openSource(folder)).files).toHaveLength(SUBFOLDERS_MAXIMUM);
});

describe("Hub ids", () => {
  test("letters", () => {
    const name = (letters: number) => `owner/${"n".repeat(letters - "owner/".length)}`;
    expect(parseHubId(name(ID_LETTERS_MAXIMUM))).toBeDefined();
    expect(parseHubId(name(ID_LETTERS_MAXIMUM + 1))).toBeUndefined();
    expect(parseHubId(`a/b@${"r".repeat(ID_LETTERS_MAXIMUM)}`)).toBeDefined();
    expect(parseHubId(`a/b@${"r".repeat(ID_LETTERS_MAXIMUM + 1)}`)).toBeUndefined();
  });

  test("bytes of a ref file", async () => {
    vi.stubEnv("HF_HUB_CACHE", folder);
    const commit = "a".repeat(40);
    const repository = join(folder, "models--o--n");
    writeCheckpoint(join(repository, "snapshots", commit));
    mkdirSync(join(repository, "snapshots", "other"));
    mkdirSync(join(repository, "refs"));
    const ref = (bytes: number) => writeFileSync(join(repository, "refs", "main"), commit.padStart(bytes, " "));
    ref(REF_BYTES_MAXIMUM);
    expect(await codeOf("hf://o/n")).toBe("opens");
    ref(REF_BYTES_MAXIMUM + 1);
    expect(await codeOf("hf://o/n")).toBe("source.not-found");
  });

  test("letters of the base that an adapter names", async () => {
    writeCheckpoint(join(folder, "base"));
    const hint = (letters: number) => "../base".padStart(letters, "./").replace(/^\//, "");
    const found = async (letters: number) => {
      writeAdapter(join(folder, "adapter"), { config: { base_model_name_or_path: hint(letters) } });
      const opened = await open(join(folder, "adapter"));
      return opened.kind === "adapter" ? resolveAdapterBase(opened) : undefined;
    };
    expect(hint(HINT_LETTERS_MAXIMUM - 1)).toHaveLength(HINT_LETTERS_MAXIMUM - 1);
    expect(await found(HINT_LETTERS_MAXIMUM - 1)).toBe(join(folder, "base"));
    expect(await found(HINT_LETTERS_MAXIMUM + 1)).toBeUndefined();
  });
});

describe("stacked experts", () => {
  const name = "model.layers.0.mlp.experts.down_proj";

  test.each([
    [EXPERTS_MAXIMUM, EXPERTS_MAXIMUM, 0],
    [EXPERTS_MAXIMUM + 1, 0, 1],
  ])("%i experts give %i matrices", async (experts, matrices, left) => {
    const units = await unitsOf(headerCheckpoint({ [name]: [experts, 1, 1] }));
    expect([units.byName.size, units.left.length]).toEqual([matrices, left]);
    const adapter = { target_modules: ["q_proj"] };
    const base = { ...layerShapes(2), [name]: [experts, 1, 1] };
    expect(read(adapter, Q, base).matrices).toHaveLength(2);
  });

  test("promised in numbers that no memory holds are not counted one by one", () => {
    const base = { ...layerShapes(2), [name]: [2 ** 50, 2, 0] };
    expect(read(ON_Q, Q, base).matrices).toHaveLength(2);
  });

  test("matrices of a whole checkpoint", () => {
    expect(refuseExperts([8, 1, 1], 16)).toBeUndefined();
    expect(refuseExperts([8, 1, 1], 15)).toContain(`more than ${MATRICES_MAXIMUM} matrices`);
  });
});

describe("patterns", () => {
  test("letters of a pattern, bytes of a name", () => {
    expect(compilePattern("a".repeat(MAXIMUM_PATTERN_LENGTH))).toBeDefined();
    expect(compilePattern("a".repeat(MAXIMUM_PATTERN_LENGTH + 1))).toBeUndefined();
    expect(compilePattern(".*")?.matchesWhole("é".repeat(MAXIMUM_NAME_BYTES / 2))).toBe(true);
    expect(compilePattern(".*")?.matchesWhole(`${"é".repeat(MAXIMUM_NAME_BYTES / 2)}a`)).toBe(false);
  });

  test.each([
    ["plain names", MAXIMUM_PATTERNS, (index: number) => `module_${index}`],
    ["expressions", MAXIMUM_EXPRESSIONS, (index: number) => `(module|${index})`],
  ])("%s in one table", (_, limit, pattern) => {
    const table = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_entry, index) => [pattern(index), 2]));
    expect(read({ ...ON_Q, rank_pattern: table(limit) }, Q).matrices).toHaveLength(2);
    expect(refusalOf({ ...ON_Q, rank_pattern: table(limit + 1) }, Q).code).toBe("adapter.config-invalid");
  });

  test.each(["modules_to_save", "layers_pattern"])("entries of %s", (key) => {
    const entries = (count: number) => ({ ...ON_Q, [key]: new Array(count).fill("none_of_them") });
    expect(read(entries(PATTERN_ENTRIES_MAXIMUM), Q).matrices).toHaveLength(2);
    expect(refusalOf(entries(PATTERN_ENTRIES_MAXIMUM + 1), Q).code).toBe("adapter.config-invalid");
  });
});

describe("a stack of copied layers", () => {
  const copies = (count: number) => ({ ...ON_Q, layer_replication: new Array(count).fill([0, 1]) });

  test("layers", () => {
    expect(read(copies(STACK_LAYERS_MAXIMUM), Q).alerts.map(({ code }) => code)).toContain("adapter.layer-replication");
    const refusal = refusalOf(copies(STACK_LAYERS_MAXIMUM + 1), Q);
    expect([refusal.code, refusal.message]).toEqual([
      "adapter.config-invalid",
      expect.stringContaining(`more than ${STACK_LAYERS_MAXIMUM} layers`),
    ]);
  });

  test("modules, where every copy has hundreds", () => {
    const experts = { "model.layers.0.mlp.experts.down_proj": [300, 1, 1] };
    const refusal = refusalOf(copies(STACK_LAYERS_MAXIMUM), Q, { ...layerShapes(1), ...experts });
    expect(refusal.message).toContain(`more than ${MATRICES_MAXIMUM} modules`);
  });
});

test("rows of the table of roles", async () => {
  const rows = async (kinds: number) => {
    const shapes = Object.fromEntries(Array.from({ length: kinds }, (_, index) => [`model.kind_${index}.weight`, [1]]));
    return (await describeOpened(headerCheckpoint(shapes))).roles;
  };
  expect((await rows(ROLE_ROWS_MAXIMUM - 1)).filter(({ kind }) => kind === "other")).toEqual([]);
  const pooled = await rows(ROLE_ROWS_MAXIMUM + 1);
  expect(pooled).toHaveLength(ROLE_ROWS_MAXIMUM);
  expect(pooled.at(-1)).toMatchObject({ kind: "other", tensors: 2, parameters: 2, shape: [] });
});
