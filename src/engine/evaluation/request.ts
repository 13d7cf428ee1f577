/** What a model is asked, in token ids, and what it answers. */

/** `input` goes through the model; its last `targets.length` predictions are scored against `targets`. */
export interface ScoreRequest {
  input: number[];
  targets: number[];
}

/** `loglikelihood` in nats, summed over the targets; `greedy`: every target is the model's first choice. */
export interface ScoredRequest {
  loglikelihood: number;
  greedy: boolean;
}
