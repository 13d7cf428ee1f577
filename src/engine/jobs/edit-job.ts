/** Edits as jobs: a written checkpoint or adapter joins the library; one that did not finish leaves nothing behind. */
import { basename } from "node:path";
import type { EditEvent } from "../../contract/api.ts";
import type { EditDocument, EditSpec } from "../../contract/domain/edit.ts";
import type { JobWork } from "./job-work.ts";

export interface EditJobServices {
  work(spec: EditSpec, signal: AbortSignal): AsyncIterable<EditEvent>;
  /** Takes what was written into the library. */
  keep(document: EditDocument): Promise<void>;
}

export function createEditJobs(services: EditJobServices): (spec: EditSpec) => JobWork {
  return (spec) => ({
    title: editTitle(spec),
    place: "edit",
    async *steps(signal) {
      for await (const event of services.work(spec, signal)) {
        if (event.type === "progress") yield { changes: { progress: event.progress }, now: false };
        if (event.type === "finished") await services.keep(event.document);
      }
    },
    kept: () => "Nothing was written.",
    ended: () => undefined,
  });
}

/** "lora-r4 with λ 0.7 written to lora-r4-edited". */
export function editTitle(spec: EditSpec): string {
  return `${whatOf(spec)} written to ${basename(spec.out)}`;
}

function whatOf(spec: EditSpec): string {
  if (spec.edit === "average") return `Average of ${spec.members.length}`;
  const tuned = basename(spec.tuned);
  if (spec.edit === "merge") return `${tuned} merged`;
  if (spec.edit === "extract-lora") return `LoRA of ${tuned}`;
  return `${tuned} with λ ${spec.intervention.lambda}`;
}
