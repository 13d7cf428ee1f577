/** Procedures of the theory lab. */
import { adviceOf } from "../theory/advise.ts";
import { ask } from "../theory/ask.ts";
import { figureEvents } from "../theory/figure.ts";
import { rankMapOf } from "../theory/rank-map.ts";
import { riskOf, sweepOf } from "../theory/risk.ts";
import { procedures } from "./base.ts";

export const theory = {
  risk: procedures.theory.risk.handler(({ input, signal }) => riskOf(input, signal)),
  sweep: procedures.theory.sweep.handler(({ input }) => sweepOf(input)),
  figure: procedures.theory.figure.handler(async function* ({ input, signal }) {
    yield* figureEvents(input.name, input, signal);
  }),
  advise: procedures.theory.advise.handler(({ input, context, signal }) => adviceOf(input, context.store, signal)),
  rankMap: procedures.theory.rankMap.handler(({ input, context, signal }) => rankMapOf(input, context.store, signal)),
  ask: procedures.theory.ask.handler(({ input, signal }) => ask(input.kind, input.input, signal)),
};
