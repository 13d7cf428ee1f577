/** Seeded requests of the three forms that evaluations have. */
import type { ScoreRequest } from "../../../src/engine/evaluation/request.ts";

export interface Workload {
  readonly name: string;
  readonly title: string;
  readonly requests: readonly ScoreRequest[];
}

/** Seeds differ from workload to workload, so that none shares a beginning with another. */
const SEEDS = { texts: 1, letters: 2, endings: 3 } as const;

/** Uniform token ids below `vocabulary`. */
function tokenSource(seed: number, vocabulary: number): (count: number) => number[] {
  let state = seed;
  const next = (): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % vocabulary;
  };
  return (count) => Array.from({ length: count }, next);
}

/** The request that scores `continuation` after `context`. */
function follow(context: readonly number[], continuation: readonly number[]): ScoreRequest {
  return { input: [...context, ...continuation.slice(0, -1)], targets: [...continuation] };
}

export function makeWorkloads(vocabulary: number): Workload[] {
  const texts = tokenSource(SEEDS.texts, vocabulary);
  const letters = tokenSource(SEEDS.letters, vocabulary);
  const endings = tokenSource(SEEDS.endings, vocabulary);
  const many = <Item>(count: number, make: () => Item): Item[] => Array.from({ length: count }, make);
  return [
    {
      name: "texts",
      title: "8 texts of 256 tokens, every token scored",
      requests: many(8, () => follow(texts(1), texts(256))),
    },
    {
      name: "letters",
      title: "16 questions of 128 tokens, two choices of one token",
      requests: many(16, () => letters(128)).flatMap((context) => many(2, () => follow(context, letters(1)))),
    },
    {
      name: "endings",
      title: "8 questions of 60 tokens, four endings of 22 to 30",
      requests: many(8, () => endings(60)).flatMap((context) =>
        [30, 25, 28, 22].map((length) => follow(context, endings(length))),
      ),
    },
  ];
}

/** Tokens of the distinct inputs: what runs where nothing but an equal input is shared. */
export function plainTokens({ requests }: Workload): number {
  const inputs = new Map(requests.map(({ input }) => [input.join(), input.length]));
  return [...inputs.values()].reduce((sum, length) => sum + length, 0);
}
