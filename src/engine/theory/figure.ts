/** The paper's figures: closed forms at once, simulated means as they come. */
import { z } from "zod";
import {
  type FigureDocument,
  type FigureEvent,
  type FigureName,
  figureDocument,
} from "../../contract/domain/theory.ts";
import { programVersion } from "../../contract/version.ts";
import { ask, askNow } from "./ask.ts";

/** Replicates between two looks at the figure: the first ones come soon. */
const chunkReplicates = 10;

const titles: Record<FigureName, string> = {
  "1a": "Figure 1 a: risk against d/n, strong noise",
  "1b": "Figure 1 b: risk against the noise, n < d",
  "10a": "Figure 10 a: risk against d/n, weak noise",
  "10b": "Figure 10 b: risk against the noise, n > d",
  "11": "Figure 11: risk against the rank of the shift",
  "12": "Figure 12: risk against the exponential decay of the shift",
  power: "Risk against the power-law decay of the shift (ours)",
};

const labels: Record<string, string> = {
  "d/n": "d / n",
  sigma: "noise σ",
  rank: "rank of the shift r⋆",
  decay: "decay",
};

const plan = z.object({
  axis: z.string(),
  logarithmic: z.boolean(),
  x: z.array(z.number()),
  range: z.tuple([z.number(), z.number()]),
  chosen: z.array(z.string()),
});

/** The figure again after each chunk of replicates; the first one holds closed forms only. */
export async function* figureEvents(
  name: FigureName,
  { replicates, seed }: { replicates: number; seed: number },
  signal?: AbortSignal,
): AsyncGenerator<FigureEvent, void> {
  const about = plan.parse(askNow("figure_plan", { name }));
  const chunks: unknown[] = [];
  let done = 0;
  const event = (): FigureEvent => ({
    type: "figure",
    document: documentOf(name, about, chunks, seed),
    done,
    total: replicates,
  });
  yield event();
  while (done < replicates) {
    const count = Math.min(chunkReplicates, replicates - done);
    chunks.push(await ask("figure_samples", { name, replicates: count, from: done, seed }, signal));
    done += count;
    yield event();
  }
}

function documentOf(name: FigureName, about: z.infer<typeof plan>, chunks: unknown[], seed: number): FigureDocument {
  const outcome = askNow("figure_outcome", { name, chunks, seed }) as Record<string, unknown>;
  return figureDocument.parse({
    schema: "deltascope.theory.figure/1",
    version: programVersion,
    name,
    title: titles[name],
    seed,
    x: { label: labels[about.axis] ?? about.axis, scale: about.logarithmic ? "log" : "linear", values: about.x },
    y: { label: "excess risk", scale: "log", range: about.range },
    chosen: about.chosen,
    ...outcome,
  });
}
