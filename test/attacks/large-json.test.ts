/** JSON files up to their limits, of whatever they are full: nobody waits for them, neither opened nor refused. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { inspect } from "../../src/engine/inspect.ts";
import {
  CONFIG_BYTES_MAXIMUM,
  CONFIG_ENTRIES_MAXIMUM,
  CONFIG_VALUES_MAXIMUM,
  INDEX_BYTES_MAXIMUM,
} from "../../src/engine/source/read-json.ts";
import { tinyConfig, tinyTensors, writeAdapter, writeCheckpoint } from "../builders/checkpoint.ts";
import { temporaryFolder } from "../builders/folders.ts";
import { type Watched, watchTurns } from "../builders/longest-turn.ts";

/** Of the thread's own time; others are kept waiting no longer than a person notices. */
const LONGEST = 50;

const root = temporaryFolder();
let made = 0;

function newFolder(): string {
  const folder = join(root, `${made++}`);
  mkdirSync(folder);
  return folder;
}

const list = <Item>(length: number, item: (index: number) => Item) => Array.from({ length }, (_, index) => item(index));
const table = (length: number, value: unknown = 2) =>
  Object.fromEntries(list(length, (index) => [`model.layers.${index}.mlp.experts.gate_proj`, value]));
/** Several of them, as many as fit. */
const filled = (part: string, bytes: number) => `[${list(Math.floor(bytes / (part.length + 1)), () => part).join()}]`;

/** The longest turn while the file of that name, with these members before all else, is opened and described. */
async function longestTurn(name: string, text: string): Promise<{ longest: number; answer: unknown }> {
  const folder = newFolder();
  if (name === "adapter_config.json") writeAdapter(folder);
  else writeCheckpoint(folder, { shards: name === "config.json" ? 1 : 2 });
  writeFileSync(join(folder, name), text);
  const watched = () => watchTurns(() => inspect(folder).catch((thrown: unknown) => thrown));
  // The best of some: garbage of what came before is collected in some turn, and a busy machine's caches are others'.
  let { longest, result } = await watched();
  for (let more = 0; more < 5 && longest >= LONGEST / 2; more += 1) {
    ({ result, longest } = atMost(longest, await watched()));
  }
  return { longest, answer: (result as { code?: string }).code ?? "opens" };
}

function atMost(longest: number, watched: Watched<unknown>): Watched<unknown> {
  return { ...watched, longest: Math.min(longest, watched.longest) };
}

/** Beside them two tables and some members fit. */
const HALF = Math.floor(CONFIG_VALUES_MAXIMUM / 2) - 100;
const BYTES = CONFIG_BYTES_MAXIMUM - 100_000;

const fillings: Record<string, string> = {
  "tables of one value per module": JSON.stringify([table(CONFIG_ENTRIES_MAXIMUM), table(CONFIG_ENTRIES_MAXIMUM)]),
  "objects of one key": JSON.stringify(list(HALF / 2, (index) => ({ [`key ${index}`]: {} }))),
  "lists in lists": filled(`${"[".repeat(50)}${"]".repeat(50)}`, 3 * HALF),
  "long numbers": filled(`1.${"7".repeat(120)}`, 100 * CONFIG_ENTRIES_MAXIMUM),
  "texts of two-byte letters": filled(JSON.stringify("é".repeat(1000)), BYTES / 2),
  "escaped texts": filled(`"${"\\u4e00".repeat(1000)}"`, BYTES),
  "a text as long as may be": JSON.stringify(["é".repeat(2 ** 22 - 1), "é".repeat(3_000_000)]),
  blanks: `[1${" ".repeat(BYTES - 2)}]`,
};

describe.each(["config.json", "adapter_config.json"])("%s", (name) => {
  const settings = name === "config.json" ? tinyConfig() : { peft_type: "LORA", r: 4, target_modules: ["q_proj"] };
  const opening = JSON.stringify(settings).slice(0, -1);

  test.each(Object.entries(fillings))("of %s", async (_, filling) => {
    const text = `${opening},"filling":${filling}}`;
    const { longest, answer } = await longestTurn(name, text);
    expect(answer).toBe("opens");
    expect(longest).toBeLessThan(LONGEST);
  });

  test("that is wrong at its very end", async () => {
    const text = `${opening},"filling":${fillings["tables of one value per module"]},}`;
    const { longest, answer } = await longestTurn(name, text);
    expect(answer).toBe(name === "config.json" ? "checkpoint.config-invalid" : "adapter.config-invalid");
    expect(longest).toBeLessThan(LONGEST);
  });
});

describe("settings of an adapter", () => {
  test.each<[string, unknown]>([
    ["rank_pattern", table(CONFIG_ENTRIES_MAXIMUM)],
    ["alpha_pattern", table(CONFIG_ENTRIES_MAXIMUM, 0.5)],
    ["alpha_pattern", table(CONFIG_ENTRIES_MAXIMUM, "wrong")],
    ["rank_pattern", { ...table(CONFIG_ENTRIES_MAXIMUM - 1), 7: 2 }],
    ["rank_pattern", list(CONFIG_ENTRIES_MAXIMUM, () => "wrong")],
    ["target_modules", list(CONFIG_ENTRIES_MAXIMUM, (index) => `module_${index}`)],
    ["target_modules", table(CONFIG_ENTRIES_MAXIMUM)],
    ["modules_to_save", list(CONFIG_ENTRIES_MAXIMUM, (index) => `module_${index}`)],
    ["layers_to_transform", list(CONFIG_ENTRIES_MAXIMUM, (index) => index)],
    ["layers_to_transform", list(CONFIG_ENTRIES_MAXIMUM, () => "wrong")],
    ["trainable_token_indices", table(CONFIG_ENTRIES_MAXIMUM, [1])],
    ["layer_replication", list(80_000, () => [0, 1])],
    ["target_parameters", list(CONFIG_ENTRIES_MAXIMUM, () => 1)],
    ["init_lora_weights", "x".repeat(8_000_000)],
    ["init_lora_weights", table(CONFIG_ENTRIES_MAXIMUM)],
    ["auto_mapping", table(CONFIG_ENTRIES_MAXIMUM)],
    ["peft_type", table(CONFIG_ENTRIES_MAXIMUM)],
  ])("%s", async (key, value) => {
    const settings = { peft_type: "LORA", r: 4, target_modules: ["q_proj"], [key]: value };
    const { longest } = await longestTurn("adapter_config.json", JSON.stringify(settings));
    expect(longest).toBeLessThan(LONGEST);
  });
});

describe("an index", () => {
  const entries = (length: number) =>
    list(length, (index) => `"model.layers.${index}.weight":"model-00001-of-00002.safetensors"`);
  const real = [...tinyTensors().keys()].map((name) => `"${name}":"model-00001-of-00002.safetensors"`);

  test.each([
    ["of tensors", `{"weight_map":{${[...real, ...entries(490_000)].join()}}}`],
    ["of tensors, wrong at its end", `{"weight_map":{${[...real, ...entries(490_000)].join()}},}`],
    ["with another table", `{"weight_map":{${real.join()}},"metadata":{${entries(CONFIG_ENTRIES_MAXIMUM).join()}}}`],
    [
      "of long texts",
      `{"weight_map":{${real.join()}},"notes":${filled(JSON.stringify("é".repeat(500)), INDEX_BYTES_MAXIMUM / 2 - 10_000)}}`,
    ],
  ])("%s", async (_, text) => {
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(INDEX_BYTES_MAXIMUM);
    const { longest } = await longestTurn("model.safetensors.index.json", text);
    expect(longest).toBeLessThan(LONGEST);
  });
});
