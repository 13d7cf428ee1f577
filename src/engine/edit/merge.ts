/** `merge`: an adapter added to its base, as peft's `merge_and_unload` would write it, with what rounding took. */
import type { EditSpec } from "../../contract/domain/edit.ts";
import { DeltaScopeError } from "../../contract/errors.ts";
import { quote } from "../source/quote.ts";
import { checkpointBytes, writeCheckpoint } from "./checkpoint-folder.ts";
import type { EditRun, Written } from "./edit-run.ts";
import { mergedCheckpoint } from "./merged.ts";
import { openPair } from "./open-pair.ts";
import { checkOutput, writeFolder } from "./output-folder.ts";
import { unedited } from "./resolve.ts";
import { roundingAlert } from "./rounding-alert.ts";

export async function merge(spec: Extract<EditSpec, { edit: "merge" }>, run: EditRun): Promise<Written> {
  const { services, listener, signal } = run;
  const opened = await openPair(spec.base, spec.tuned, services.backend, signal);
  if (opened.tuned.kind === "full") {
    const message = `${quote(spec.tuned)} is a full checkpoint; only an adapter can be merged into a base.`;
    throw new DeltaScopeError("edit.not-possible", message, spec.tuned);
  }
  const place = await checkOutput({ ...spec, inputs: [opened.base, opened.tuned] });
  const asked = spec.dtype === "source" ? undefined : spec.dtype;
  const plan = mergedCheckpoint(opened, { edit: unedited, dtype: asked, tied: "as-peft" });
  const { files, modules } = await writeFolder(place, checkpointBytes(plan), (folder) =>
    writeCheckpoint(folder, plan, services, listener, signal),
  );
  const dtype = asked ?? opened.base.dtype;
  return {
    kind: "full",
    folder: place.folder,
    dtype,
    files,
    modules,
    arms: [],
    alerts: [...opened.alerts, ...roundingAlert(modules, dtype)],
    base: opened.base.source.location,
  };
}
