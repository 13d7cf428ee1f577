/** The golden cases of the theory, and whether an answer is within their tolerance. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

export interface GoldenCase {
  id: string;
  kind: string;
  in: Record<string, unknown>;
  out: Record<string, unknown>;
  rtol?: number;
  atol?: number;
  /** Sampled cases: allowed standard errors. */
  z?: number;
}

const file = join(import.meta.dirname, "../golden/theory-golden.json");

export function goldenCases(kinds?: (kind: string) => boolean): GoldenCase[] {
  const { cases } = JSON.parse(readFileSync(file, "utf8")) as { cases: GoldenCase[] };
  return kinds ? cases.filter(({ kind }) => kinds(kind)) : cases;
}

/** Numbers and words by dotted names. */
function flat(value: unknown, prefix = ""): [string, unknown][] {
  if (typeof value !== "object" || value === null) return [[prefix, value]];
  return Object.entries(value).flatMap(([key, inner]) => flat(inner, prefix === "" ? key : `${prefix}.${key}`));
}

/** What is missing or off in a closed form's answer. */
export function closedFormFaults({ out, rtol = 0, atol = 0 }: GoldenCase, answer: unknown): string[] {
  const found = new Map(flat(answer));
  return flat(out).flatMap(([name, wanted]) => {
    const got = found.get(name);
    const close =
      typeof wanted === "number" && typeof got === "number"
        ? Math.abs(got - wanted) <= atol + rtol * Math.abs(wanted)
        : got === wanted;
    return close ? [] : [`${name}: ${String(got)} for ${String(wanted)}`];
  });
}

interface Mean {
  mean: number;
  sd: number;
}
interface Means {
  fft: Mean;
  lora: Record<string, Mean>;
  replicates: number;
}

/** Means that are farther apart than both their errors allow. */
export function sampledFaults({ in: input, out, z = 5 }: GoldenCase, answer: unknown): string[] {
  const [wanted, found] = [out, answer] as unknown as [Means, Means];
  const share = Math.sqrt(1 / Number(input.replicates) + 1 / wanted.replicates);
  const pairs: [string, Mean, Mean | undefined][] = [
    ["fft", wanted.fft, found.fft],
    ...Object.entries(wanted.lora).map(([rank, mean]): [string, Mean, Mean | undefined] => [
      rank,
      mean,
      found.lora[rank],
    ]),
  ];
  return pairs.flatMap(([name, mean, got]) =>
    got && Math.abs(got.mean - mean.mean) <= z * mean.sd * share ? [] : [`${name}: ${got?.mean} for ${mean.mean}`],
  );
}
