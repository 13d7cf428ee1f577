/** An engine that starts the given analysis and is killed in the middle: soon after it has told its third batch of modules. */

import { openEngine } from "../../src/engine/engine.ts";
import { killSelf } from "../builders/kill-self.ts";

const [workspace = "", spec = ""] = process.argv.slice(2);
const { client } = openEngine({ workspace });
await client.jobs.start({ kind: "analysis", spec: JSON.parse(spec) });
let batches = 0;
for await (const event of await client.events()) {
  if (event.type === "modules") batches += 1;
  if (batches === 3) killSelf();
}
