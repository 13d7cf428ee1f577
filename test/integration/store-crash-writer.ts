/** Writes modules without end and prints each name once it is durable; the test kills this process. */
import { writeSync } from "node:fs";
import { openStore } from "../../src/engine/store/open-store.ts";
import { plainModule, plainRun } from "../builders/store-records.ts";

const [file = "", round = ""] = process.argv.slice(2);
const store = await openStore(file);
await store.startRun(plainRun(`run ${round}`));

async function writeForever(lane: number): Promise<never> {
  for (let index = 0; ; index += 1) {
    const name = `${round}.${lane}.${index}`;
    const { delta } = plainModule(name);
    if (!delta) throw new Error("the plain module has a delta");
    const singularValues = Array.from({ length: 500 }, (_, place) => 1 / (place + index + 1));
    await store.putModules([{ analysis: "a", module: plainModule(name, { delta: { ...delta, singularValues } }) }]);
    writeSync(1, `${name}\n`);
  }
}

await Promise.all([0, 1, 2].map(writeForever));
