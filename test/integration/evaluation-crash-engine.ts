/** An engine that scores, as a job or as a call, and prints a line per step of progress; the test kills this process. */
import { writeSync } from "node:fs";
import { openEngine } from "../../src/engine/engine.ts";

const [workspace = "", kind = "", question = ""] = process.argv.slice(2);
const { client } = openEngine({ workspace, threads: 1 });
const print = (done: number): void => void writeSync(1, `${done}\n`);

if (kind === "audit") {
  await client.jobs.start({ kind: "audit", spec: JSON.parse(question) });
  for await (const event of await client.events()) {
    if (event.type === "job" && event.job.progress?.phase === "score") print(event.job.progress.done);
  }
} else {
  for await (const event of await client.evaluation.run(JSON.parse(question))) {
    if (event.type === "progress") print(event.progress.done);
  }
}
