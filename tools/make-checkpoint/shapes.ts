/** The shapes of the Qwen models, as their published configurations give them. */

export type ModelFamily = "qwen2" | "qwen3";

/** What decides every tensor name and size of a decoder-only model of these families. */
export interface ModelShape {
  readonly family: ModelFamily;
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly layers: number;
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly headSize: number;
  readonly vocabularySize: number;
  readonly tiedEmbeddings: boolean;
  readonly maxPositions: number;
}

type Row = readonly [hidden: number, intermediate: number, layers: number, heads: number, keyValueHeads: number];

const qwen2 = (row: Row, vocabularySize: number, tiedEmbeddings: boolean, maxPositions: number): ModelShape => {
  const [hiddenSize, intermediateSize, layers, heads, keyValueHeads] = row;
  const sizes = { hiddenSize, intermediateSize, layers, heads, keyValueHeads, headSize: hiddenSize / heads };
  return { family: "qwen2", ...sizes, vocabularySize, tiedEmbeddings, maxPositions };
};

/** Qwen3 fixes the head size at 128, whatever the hidden size. */
const qwen3 = (row: Row, tiedEmbeddings: boolean): ModelShape => {
  const [hiddenSize, intermediateSize, layers, heads, keyValueHeads] = row;
  const sizes = { hiddenSize, intermediateSize, layers, heads, keyValueHeads, headSize: 128 };
  return { family: "qwen3", ...sizes, vocabularySize: 151_936, tiedEmbeddings, maxPositions: 40_960 };
};

/** Shapes by the name that `--shape` takes; `tiny` is for tests. */
export const shapes: ReadonlyMap<string, ModelShape> = new Map([
  ["tiny", qwen2([64, 160, 2, 4, 2], 256, true, 512)],
  ["qwen2.5-0.5b", qwen2([896, 4864, 24, 14, 2], 151_936, true, 32_768)],
  ["qwen2.5-1.5b", qwen2([1536, 8960, 28, 12, 2], 151_936, true, 131_072)],
  ["qwen2.5-3b", qwen2([2048, 11_008, 36, 16, 2], 151_936, true, 32_768)],
  ["qwen2.5-7b", qwen2([3584, 18_944, 28, 28, 4], 152_064, false, 131_072)],
  ["qwen2.5-72b", qwen2([8192, 29_568, 80, 64, 8], 152_064, false, 131_072)],
  ["qwen3-0.6b", qwen3([1024, 3072, 28, 16, 8], true)],
  ["qwen3-1.7b", qwen3([2048, 6144, 28, 16, 8], true)],
  ["qwen3-4b", qwen3([2560, 9728, 36, 32, 8], true)],
  ["qwen3-8b", qwen3([4096, 12_288, 36, 32, 8], false)],
]);

/** The shape with that name, with another number of layers if one is given. */
export function findShape(name: string, layers?: number): ModelShape {
  const shape = shapes.get(name);
  if (!shape) throw new RangeError(`unknown shape ${name}; known are ${[...shapes.keys()].join(", ")}`);
  return layers === undefined ? shape : { ...shape, layers };
}
