/** An engine that scores, as a job or as a call, and is killed in the middle: soon after its second step of progress. */

import { openEngine } from "../../src/engine/engine.ts";
import { killSelf } from "../builders/kill-self.ts";

const [workspace = "", kind = "", question = ""] = process.argv.slice(2);
const { client } = openEngine({ workspace, threads: 1 });
let steps = 0;
const step = (): void => {
  steps += 1;
  if (steps === 2) killSelf();
};

if (kind === "audit") {
  await client.jobs.start({ kind: "audit", spec: JSON.parse(question) });
  for await (const event of await client.events()) {
    if (event.type === "job" && event.job.progress?.phase === "score") step();
  }
} else {
  for await (const event of await client.evaluation.run(JSON.parse(question))) {
    if (event.type === "progress") step();
  }
}
