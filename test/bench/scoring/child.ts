/** `child.ts MODEL WORKLOADS THREADS`: scores the workloads of a JSON file and prints times and answers as JSON. */
import { readFileSync } from "node:fs";
import { openScorer, type Scorer } from "../../../src/engine/evaluation/scorer.ts";
import type { ScoringAnswer } from "./measure.ts";
import type { Workload } from "./workloads.ts";

async function run(scorer: Scorer, { name, requests }: Workload): Promise<ScoringAnswer["workloads"][number]> {
  const started = performance.now();
  const loglikelihoods: number[] = [];
  for await (const batch of scorer.score(requests, undefined)) {
    for (const { index, result } of batch) loglikelihoods[index] = result.loglikelihood;
  }
  return { name, seconds: (performance.now() - started) / 1000, loglikelihoods };
}

const [model = "", file = "", threads = ""] = process.argv.slice(2);
const workloads = JSON.parse(readFileSync(file, "utf8")) as Workload[];
const maxTokens = Math.max(...workloads.flatMap(({ requests }) => requests.map(({ input }) => input.length)));
const opened = performance.now();
const scorer = await openScorer({ model, linears: [], threads: Number(threads), maxTokens });
const openSeconds = (performance.now() - opened) / 1000;
const answers: ScoringAnswer["workloads"][number][] = [];
for (const workload of workloads) answers.push(await run(scorer, workload));
await scorer.close();
console.log(JSON.stringify({ openSeconds, workloads: answers } satisfies ScoringAnswer));
