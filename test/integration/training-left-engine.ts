/** An engine whose fine-tunes outlive it: starts the recipe it is given, prints the run, and goes on until it is killed. */
import { openEngine } from "../../src/engine/engine.ts";

const [workspace = "", python = "", recipe = "{}"] = process.argv.slice(2);
const { client } = openEngine({ workspace, threads: 1 });
await client.workspace.configure({ python, trainingsAtClose: "keep-training" });
const { question } = await client.jobs.start({ kind: "training", spec: { recipe: JSON.parse(recipe), name: "Left" } });
if (question.kind === "training" && "run" in question.spec) process.stdout.write(`${question.spec.run}\n`);
