/** One edit from its spec to its document, as a stream of events that every shell consumes. */
import type { EditEvent } from "../../contract/api.ts";
import type { EditDocument, EditSpec } from "../../contract/domain/edit.ts";
import { programVersion } from "../version.ts";
import { average } from "./average.ts";
import type { EditRun, Written } from "./edit-run.ts";
import { editEvents } from "./events.ts";
import { extractLora } from "./extract.ts";
import { intervene } from "./intervene.ts";
import { merge } from "./merge.ts";
import { errorsOf } from "./report.ts";
import type { EditServices } from "./services.ts";

/** Nothing begins before the stream is read. Throws what the edit throws; then nothing was written. */
export function runEdit(spec: EditSpec, services: EditServices, signal?: AbortSignal): AsyncGenerator<EditEvent, void> {
  return editEvents(async (listener) => {
    const started = performance.now();
    const written = await verb(spec, { services, listener, signal });
    for (const alert of written.alerts) listener.alert(alert);
    return documentOf(spec, written, (performance.now() - started) / 1000);
  });
}

function verb(spec: EditSpec, run: EditRun): Promise<Written> {
  switch (spec.edit) {
    case "intervene":
      return intervene(spec, run);
    case "extract-lora":
      return extractLora(spec, run);
    case "average":
      return average(spec, run);
    default:
      return merge(spec, run);
  }
}

function documentOf(spec: EditSpec, written: Written, seconds: number): EditDocument {
  const { kind, folder, files, dtype, modules, edited = null, arms, alerts, base } = written;
  const { roundingLoss, ...errors } = errorsOf(modules);
  return {
    schema: "deltascope.edit/1",
    version: programVersion,
    spec: base === undefined ? spec : { ...spec, base },
    outcome: {
      ...{ kind, folder, files, dtype, edited, seconds },
      ...errors,
      roundingLoss: spec.edit === "merge" ? roundingLoss : null,
    },
    arms,
    alerts,
    error: null,
  };
}
