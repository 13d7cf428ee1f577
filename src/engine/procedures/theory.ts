/** Procedures of the theory lab. */
import { csvOf } from "../../contract/csv.ts";
import { documentPieces } from "../../contract/json.ts";
import { measuredRanksOf } from "../audit/measured-ranks.ts";
import { writeFileAtomically } from "../report/write-file.ts";
import { adviceOf } from "../theory/advise.ts";
import { ask } from "../theory/ask.ts";
import { figureEvents } from "../theory/figure.ts";
import { measuredSpectrumOf } from "../theory/measured-spectrum.ts";
import { rankMapOf } from "../theory/rank-map.ts";
import { recordOf } from "../theory/reference.ts";
import { orderOfSetting, riskOf, sweepOf } from "../theory/risk.ts";
import { simulationEvents } from "../theory/simulate.ts";
import { procedures } from "./base.ts";
import { checkPlaces } from "./places.ts";
import { scoringParts } from "./scoring.ts";
import type { Services } from "./services.ts";

/** Nothing where the question's files are gone: an advice stands without measurements too. */
async function storedRanks(base: string | undefined, context: Services, signal?: AbortSignal) {
  const services = async () => (await scoringParts(context)).audit;
  try {
    return await measuredRanksOf(base, await context.store(), services, signal);
  } catch (thrown) {
    if (signal?.aborted) throw thrown;
    return undefined;
  }
}

export const theory = {
  export: procedures.theory.export.handler(async ({ input: { content, file, overwrite }, context }) => {
    await checkPlaces(context, { files: [file] });
    const text = content.format === "json" ? documentPieces(content.document) : csvOf(content.rows);
    return { file, bytes: await writeFileAtomically(file, text, overwrite) };
  }),
  risk: procedures.theory.risk.handler(({ input, signal }) => riskOf(input, signal)),
  sweep: procedures.theory.sweep.handler(({ input, signal }) => sweepOf(input, signal)),
  figure: procedures.theory.figure.handler(async function* ({ input, signal }) {
    yield* figureEvents(input.name, input, signal);
  }),
  simulate: procedures.theory.simulate.handler(async function* ({ input, signal }) {
    yield* simulationEvents(input, signal);
  }),
  spectrum: procedures.theory.spectrum.handler(({ input, context }) => measuredSpectrumOf(input, context.store)),
  measured: procedures.theory.measured.handler(async ({ input: { run, setting }, context, signal }) => {
    const store = await context.store();
    const base = run === undefined ? undefined : (await recordOf(run, store)).base.path;
    const ranks = await storedRanks(base, context, signal);
    return ranks ? orderOfSetting(ranks, setting, signal) : null;
  }),
  advise: procedures.theory.advise.handler(({ input, context, signal }) => {
    const measuredRanks = async (run: string) => {
      const { base } = await recordOf(run, await context.store());
      return storedRanks(base.path, context, signal);
    };
    return adviceOf(input, { store: context.store, measuredRanks }, signal);
  }),
  rankMap: procedures.theory.rankMap.handler(({ input, context, signal }) => rankMapOf(input, context.store, signal)),
  ask: procedures.theory.ask.handler(({ input, signal }) => ask(input.kind, input.input, signal)),
};
