import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { temporaryFolder } from "../../../test/builders/folders.ts";
import { fc } from "../../../test/builders/properties.ts";
import { arbitraryModule, finiteNumber, plainModule } from "../../../test/builders/store-records.ts";
import { openStore } from "./open-store.ts";
import type { Store } from "./types.ts";

let store: Store;
let analyses = 0;

beforeAll(async () => {
  store = await openStore(path.join(temporaryFolder("round trip"), "store.duckdb"));
});

afterAll(async () => {
  await store.close();
});

test("modules come back as they were written: null, absent, −0, subnormal and all", async () => {
  const modules = fc.uniqueArray(arbitraryModule, { selector: ({ name }) => name, minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(modules, async (written) => {
      analyses += 1;
      const analysis = `property-${analyses}`;
      await store.putModules(written.map((module) => ({ analysis, module })));
      const names = written.map(({ name }) => name);
      // toStrictEqual compares numbers with Object.is and tells absent from undefined.
      expect(await store.modules(analysis, names)).toStrictEqual(written);
    }),
    { numRuns: 60 },
  );
});

test("lists of every length up to one beyond a vector of the database", async () => {
  for (const length of [0, 1, 2047, 2048, 2049, 4096]) {
    const singularValues = Array.from({ length }, (_, index) => 1 / (index + 3));
    const { delta } = plainModule("any");
    if (!delta) throw new Error("the plain module has a delta");
    const module = plainModule(`length ${length}`, { delta: { ...delta, singularValues } });
    await store.putModules([{ analysis: "lengths", module }]);
    expect(await store.modules("lengths", [module.name])).toStrictEqual([module]);
  }
});

test("a thousand modules in one call", async () => {
  const written = Array.from({ length: 1000 }, (_, index) => plainModule(`m${index}`, { layer: index }));
  await store.putModules(written.map((module) => ({ analysis: "thousand", module })));
  expect(await store.modules("thousand")).toStrictEqual(written);
});

test("vectors and overlaps come back as they were written", async () => {
  const cosines = fc.array(finiteNumber, { maxLength: 5 });
  const quantity = fc.option(finiteNumber, { nil: null });
  await fc.assert(
    fc.asyncProperty(cosines, cosines, quantity, finiteNumber, async (left, right, deltaCosine, frobenius) => {
      analyses += 1;
      const analysis = `property-${analyses}`;
      const vector = { name: "norm", layer: null, kind: "norm", length: 2 ** 40, frobenius, relative: deltaCosine };
      await store.putVectors([{ analysis, vector: { ...vector, unchangedShare: null } }]);
      expect(await store.vectors(analysis)).toStrictEqual([{ ...vector, unchangedShare: null }]);
      const modules = [{ name: "q", left, right, deltaCosine }];
      await store.putOverlap(analysis, "a", modules);
      expect(await store.overlap("a", analysis)).toStrictEqual(modules);
    }),
    { numRuns: 30 },
  );
});
