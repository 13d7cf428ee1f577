/** What a configuration would train on, made by the trainer's own code. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DataPreview, dataPreview, type RunConfig, trainerEvent } from "../../contract/domain/training.ts";
import { DeltaScopeError } from "../../contract/errors.ts";
import { parsedJson } from "../../contract/json.ts";
import { askProgram, lastWords } from "./ask-program.ts";
import { reportedError } from "./ending.ts";
import { processVariables, pythonWords, trainerFolder } from "./process-variables.ts";

/** A million rows are tokenized in minutes. */
const patience = 600_000;
/** Twenty rows of 100,000 tokens each with their texts. */
const longestPreview = 64 * 2 ** 20;

/** @throws DeltaScopeError `trainer.*` with the rows that cannot be read; `job.cancelled` */
export async function previewData(python: string, config: RunConfig, signal?: AbortSignal): Promise<DataPreview> {
  const folder = await mkdtemp(join(tmpdir(), "deltascope-preview-"));
  try {
    const file = join(folder, "config.json");
    await writeFile(file, JSON.stringify(config));
    const answer = await askProgram({
      ...{ program: python, words: [...pythonWords, "preview", file], patience, longest: longestPreview, signal },
      ...{ environment: processVariables({ CUDA_VISIBLE_DEVICES: "" }), folder: trainerFolder },
    });
    signal?.throwIfAborted();
    if (answer.timedOut) throw failed(`it took more than ${patience / 60_000} minutes`, python);
    return readPreview(answer.output, python, lastWords(answer.complaint));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function readPreview(output: string, python: string, complaint: string): DataPreview {
  const lines = output
    .split("\n")
    .map(parsedJson)
    .filter((value) => value !== undefined);
  for (const line of lines) {
    const preview = dataPreview.safeParse(line);
    if (preview.success) return preview.data;
    const event = trainerEvent.safeParse(line);
    if (event.success && event.data.type === "error") throw reportedError(event.data, python);
  }
  throw failed(complaint || "it said nothing", python);
}

function failed(why: string, python: string): DeltaScopeError {
  return new DeltaScopeError("trainer.exited", `The preview failed: ${why}.`, python);
}
