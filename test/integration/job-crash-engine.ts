/** An engine that starts the given analysis and prints a line for every batch of modules; the test kills this process. */
import { writeSync } from "node:fs";
import { openEngine } from "../../src/engine/engine.ts";

const [workspace = "", spec = ""] = process.argv.slice(2);
const { client } = openEngine({ workspace });
await client.jobs.start({ kind: "analysis", spec: JSON.parse(spec) });
for await (const event of await client.events()) if (event.type === "modules") writeSync(1, `${event.rows.length}\n`);
