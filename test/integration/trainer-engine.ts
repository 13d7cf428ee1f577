/** An engine's process with one trainer, to be killed: prints the trainer's number, then follows its lines. */
import { type RunConfig, runConfig } from "../../src/contract/domain/training.ts";
import { startTrainer } from "../../src/engine/training/process.ts";

const [python = "", runFolder = "", document = ""] = process.argv.slice(2);
const config: RunConfig = runConfig.parse(JSON.parse(document));
const trainer = await startTrainer({ python, config, runFolder, resume: false });
console.log(trainer.pid);
for await (const { type } of trainer.events) console.log(type);
