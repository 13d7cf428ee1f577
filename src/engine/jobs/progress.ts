/** How far a phase is and how long it will still take, told at most ten times a second. */
import { performance } from "node:perf_hooks";
import type { Progress } from "../../contract/progress.ts";

const MINIMUM_GAP_SECONDS = 0.1;
/** What was done this long ago counts 1/e in the rate: long enough to smooth units of different kinds. */
const MEMORY_SECONDS = 20;
/** Before this much time, and a few steps, a rate is a guess. */
const MINIMUM_SECONDS_FOR_RATE = 0.5;
const MINIMUM_STEPS_FOR_RATE = 3;

export interface ProgressTotals {
  phase: Progress["phase"];
  /** What is counted, in the plural: "modules". */
  unit: string;
  /** Number of units. */
  total: number;
  /** Their cost together, in any measure of work. */
  cost: number;
}

/** Counts finished units and weighs them by cost, so that large modules at the end do not come as a surprise. */
export class ProgressMeter {
  readonly #totals: ProgressTotals;
  readonly #now: () => number;
  readonly #started: number;
  #done = 0;
  #doneCost = 0;
  #steps = 0;
  #lastStep: number;
  #lastReport = Number.NEGATIVE_INFINITY;
  #recentCost = 0;
  #recentSeconds = 0;

  /** `now` in seconds, for tests. */
  constructor(totals: ProgressTotals, now: () => number = () => performance.now() / 1000) {
    this.#totals = { ...totals };
    this.#now = now;
    this.#started = now();
    this.#lastStep = this.#started;
  }

  /** Notes finished units; answers an event when the last one is long enough ago, and always for the last unit. */
  advance(units: number, cost: number, item?: string): Progress | undefined {
    const now = this.#now();
    this.#noteRate(cost, now);
    this.#done += units;
    this.#doneCost += cost;
    const finished = this.#done >= this.#totals.total;
    if (!finished && now - this.#lastReport < MINIMUM_GAP_SECONDS) return undefined;
    this.#lastReport = now;
    return this.#report(now, item);
  }

  /** Units that will not be done after all no longer count; what is done stays. */
  forgo(units: number, cost: number): void {
    this.#totals.total -= units;
    this.#totals.cost -= cost;
  }

  #noteRate(cost: number, now: number): void {
    const seconds = now - this.#lastStep;
    const fade = Math.exp(-seconds / MEMORY_SECONDS);
    this.#recentCost = this.#recentCost * fade + cost;
    this.#recentSeconds = this.#recentSeconds * fade + seconds;
    this.#lastStep = now;
    this.#steps += 1;
  }

  #report(now: number, item: string | undefined): Progress {
    const { phase, unit, total } = this.#totals;
    const elapsedSeconds = now - this.#started;
    const remainingSeconds = this.#remainingSeconds(elapsedSeconds);
    return { phase, done: this.#done, total, unit, item, elapsedSeconds, remainingSeconds };
  }

  /** Undefined as long as there is no rate to trust. */
  #remainingSeconds(elapsedSeconds: number): number | undefined {
    if (this.#done >= this.#totals.total) return 0;
    if (this.#steps < MINIMUM_STEPS_FOR_RATE || elapsedSeconds < MINIMUM_SECONDS_FOR_RATE) return undefined;
    if (this.#recentCost <= 0) return undefined;
    const left = Math.max(0, this.#totals.cost - this.#doneCost);
    return (left * this.#recentSeconds) / this.#recentCost;
  }
}
