/** Scoring processes of an evaluation: one is open at a time and goes on for as long as the model stays the same. */
import { openScorer, type Scorer, type ScorerOptions } from "./scorer.ts";

export interface ScorerNeed extends ScorerOptions {
  vocabRows: number;
}

export interface Scorers {
  /** A scorer that can do what is needed; the last one where it can. Another model closes it. */
  open(need: ScorerNeed, signal?: AbortSignal): Promise<Scorer>;
  /** Ends the open one: after a failure or a cancel its process is not used again. */
  drop(): Promise<void>;
}

/** `begin` opens a process; tests answer in its place. */
export function createScorers(begin: typeof openScorer = openScorer): Scorers {
  let current: { need: ScorerNeed; scorer: Scorer } | undefined;
  const drop = async (): Promise<void> => {
    const ended = current;
    current = undefined;
    await ended?.scorer.close();
  };
  return {
    async open(need, signal) {
      if (current && suffices(current.need, need)) return current.scorer;
      const wider = current === undefined ? need : widen(current.need, need);
      await drop();
      current = { need: wider, scorer: await begin(wider, signal) };
      return current.scorer;
    },
    drop,
  };
}

function isSameModel(one: ScorerNeed, other: ScorerNeed): boolean {
  return one.model === other.model && one.vocabRows === other.vocabRows && one.threads === other.threads;
}

function suffices(open: ScorerNeed, need: ScorerNeed): boolean {
  const carries = new Set(open.linears);
  return isSameModel(open, need) && need.maxTokens <= open.maxTokens && need.linears.every((name) => carries.has(name));
}

/** What a further variant of the same model needs is added, so that a sweep over several adapters opens it once. */
function widen(open: ScorerNeed, need: ScorerNeed): ScorerNeed {
  if (!isSameModel(open, need)) return need;
  return {
    ...need,
    linears: [...new Set([...open.linears, ...need.linears])],
    maxTokens: Math.max(open.maxTokens, need.maxTokens),
  };
}
