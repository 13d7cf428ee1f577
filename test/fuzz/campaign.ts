/**
 * Properties that are tried on made-up input: a fixed sample in the ordinary tests, new input for as long as one likes
 * with `FUZZ_SECONDS=600 vitest run test/fuzz`, the same again with `FUZZ_SEED`. A failure prints the input, made as
 * small as it gets.
 */
import fc from "fast-check";
import { test } from "vitest";

/** How long each property is tried; 0 tries the fixed sample only. */
export const seconds = Number(process.env.FUZZ_SECONDS ?? 0);
/** The same input every time, where a check must not depend on luck. */
export const seed =
  process.env.FUZZ_SEED === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(process.env.FUZZ_SEED);

/** A test that calls `check` with `runs` inputs, or with as many as the time allows; it throws for what is wrong. */
export function campaign<Input>(
  name: string,
  inputs: fc.Arbitrary<Input>,
  { runs, check }: { runs: number; check: (input: Input) => void | Promise<void> },
): void {
  test(
    name,
    async () => {
      let executions = 0;
      const property = fc.asyncProperty(inputs, async (input) => {
        executions++;
        await check(input);
      });
      if (seconds === 0) return fc.assert(property, { numRuns: runs, seed: 1 });
      await fc.assert(property, { numRuns: 2 ** 31 - 1, seed, interruptAfterTimeLimit: seconds * 1000 });
      console.log(`${name}: ${executions} executions`);
    },
    (seconds + 60) * 1000,
  );
}
