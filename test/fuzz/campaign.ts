/**
 * Properties that are tried on made-up input: a fixed sample in the ordinary tests, new input for as long as one likes
 * with `FUZZ_SECONDS=600 vitest run test/fuzz`. A failure prints the input, made as small as it gets.
 */
import fc from "fast-check";
import { test } from "vitest";

const seconds = Number(process.env.FUZZ_SECONDS ?? 0);

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
      await fc.assert(property, { numRuns: 2 ** 31 - 1, interruptAfterTimeLimit: seconds * 1000 });
      console.log(`${name}: ${executions} executions`);
    },
    (seconds + 60) * 1000,
  );
}
