/** An engine that trains in the workspace database that it is given, until it is killed. */
import { openStore } from "../../src/engine/store/open-store.ts";
import { trainingBench } from "../builders/training-bench.ts";

const [database = "", folder = ""] = process.argv.slice(2);
const run = { steps: 300, every: 1000, pause: 10 };
const { trainings } = await trainingBench(run, { store: await openStore(database), folder });
const { id } = await trainings.begin({ recipe: {} });
process.stdout.write(`${id}\n`);
for await (const _ of trainings.execute(id, new AbortController().signal));
