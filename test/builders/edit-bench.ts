/** Edits as the engine runs them, on folders of a test: everything but the transport. */
import { join } from "node:path";
import type { EditDocument, EditSpec } from "../../src/contract/domain/edit.ts";
import { open } from "../../src/engine/checkpoint/open.ts";
import { runEdit } from "../../src/engine/edit/run.ts";
import type { EditServices } from "../../src/engine/edit/services.ts";
import { openNativeBackend } from "../../src/engine/linalg/native-backend.ts";
import { openNativeEditBackend } from "../../src/engine/linalg/native-edit-backend.ts";
import { pair } from "../../src/engine/pairing/pair.ts";
import { evaluateTuned, type Matrix, readView } from "./evaluate-statement.ts";
import { temporaryFolder } from "./folders.ts";

export function editServices(): EditServices {
  return {
    backend: openNativeBackend(1),
    edits: openNativeEditBackend(1),
    cache: join(temporaryFolder(), "cache"),
    threads: 1,
  };
}

/** The document at the end of the stream. */
export async function edit(spec: EditSpec, services: EditServices, signal?: AbortSignal): Promise<EditDocument> {
  for await (const event of runEdit(spec, services, signal)) if (event.type === "finished") return event.document;
  throw new Error("the stream ended without a document");
}

/** Every matrix before and after, dense, by name. */
export async function denseModules(
  base: string,
  tuned: string,
): Promise<Map<string, { before: Matrix; after: Matrix }>> {
  const { matrices } = await pair(await open(base), await open(tuned));
  return new Map(
    matrices.map(({ name, base: view, delta }) => {
      if (!view) throw new Error(`${name} has no base`);
      return [name, { before: readView(view), after: evaluateTuned(delta, view) }];
    }),
  );
}
