/** JSON files, cut into pieces of a few bytes: the values of JSON.parse, and the same texts refused. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { DeltaScopeError } from "../../src/contract/errors.ts";
import { checkIndex } from "../../src/engine/checkpoint/weight-files.ts";
import { JSON_DEPTH_MAXIMUM } from "../../src/engine/source/json-guard.ts";
import { isObject, parseObject } from "../../src/engine/source/read-json.ts";
import { campaign } from "./campaign.ts";
import { changedJson, changedText } from "./mutate.ts";

const FILE = { name: "x.json", path: "/x.json", size: 0, mtimeNs: 0n };
const samples = [
  { architectures: ["Qwen2ForCausalLM"], vocab_size: 512, rope: { theta: 1e6, list: [[1], [], {}] }, é: '\u0000"' },
  { weight_map: { "model.norm.weight": "a.safetensors", "0": "b.safetensors", __proto__x: "a.safetensors" } },
];

async function known<Value>(work: () => Promise<Value>): Promise<Value | undefined> {
  try {
    return await work();
  } catch (thrown) {
    if (!(thrown instanceof DeltaScopeError) || thrown.code === "internal") throw thrown;
    return undefined;
  }
}

function read(text: Buffer, large: number, table?: string) {
  const refuse = (why: string) => new DeltaScopeError("json.invalid", why);
  return known(async () => (await parseObject(text, { large }, { refuse, table })).value);
}

/** What JSON.parse makes of it; undefined for what it refuses. */
function truthOf(text: Buffer): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(text)) };
  } catch {
    return undefined;
  }
}

function depthOf(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  return 1 + Object.values(value).reduce((most: number, each) => Math.max(most, depthOf(each)), 0);
}

const large = fc.constantFrom(1, 4, 16, 100, 2 ** 16);
const texts = changedText(samples.map((sample) => JSON.stringify(sample, undefined, 1)));
const bytes = fc.oneof(
  texts.map((text) => Buffer.from(text)),
  fc.tuple(texts, fc.nat(), fc.nat(255)).map(([text, at, byte]) => {
    const raw = Buffer.from(text);
    if (raw.length > 0) raw[at % raw.length] = byte;
    return raw;
  }),
);

campaign("any bytes as a JSON file", fc.tuple(bytes, large), {
  runs: 5000,
  async check([text, size]) {
    const [ours, truth] = [await read(text, size), truthOf(text)];
    if (truth === undefined) assert(ours === undefined || /NaN|Infinity/.test(text.toString()), "accepted");
    else if (ours === undefined) assert(!isObject(truth.value) || depthOf(truth.value) > JSON_DEPTH_MAXIMUM, "refused");
    else assert.equal(JSON.stringify(ours), JSON.stringify(truth.value));
  },
});

/** A name that transformers could open in the folder itself. */
const isPlain = (name: unknown) =>
  typeof name === "string" && name.endsWith(".safetensors") && !/[/\\\0]|\.\./.test(name);

campaign("any JSON as an index", fc.tuple(changedJson(samples), large), {
  runs: 3000,
  async check([json, size]) {
    if (!isObject(json)) return;
    const read_ = await read(Buffer.from(JSON.stringify(json)), size, "weight_map");
    const map = read_ !== undefined && Object.hasOwn(read_, "weight_map") ? read_.weight_map : undefined;
    const index = map instanceof Map ? await known(() => checkIndex(map, FILE)) : undefined;
    const truth = Object.hasOwn(json, "weight_map") && isObject(json.weight_map) ? Object.entries(json.weight_map) : [];
    // V8 takes such a key for one that starts with a backslash where an object of the same keys before it had that.
    if (truth.some(([key]) => JSON.stringify(key).startsWith('"\\'))) return;
    const isGood = truth.length > 0 && truth.every(([, name]) => isPlain(name));
    if (isGood && depthOf(json) <= JSON_DEPTH_MAXIMUM) assert.deepEqual(new Map(index), new Map(truth));
    else assert.equal(index, undefined);
  },
});
