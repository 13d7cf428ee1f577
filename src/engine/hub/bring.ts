/** One model from its id to a snapshot in the cache, as a stream of events. */
import type { BroughtSource, HubEvent } from "../../contract/domain/hub.ts";
import type { HubId } from "../../contract/hub-id.ts";
import type { Progress } from "../../contract/progress.ts";
import { createEventQueue } from "../jobs/event-queue.ts";
import type { HubAccess } from "./access.ts";
import { download, planDownload, type Wanted } from "./download.ts";
import { findRepository, type HubRepository, pinnedAddress } from "./repository.ts";
import { snapshotFolder } from "./snapshot.ts";

/**
 * Answers the location that names exactly what was brought, and the folder of its snapshot.
 * @param commit what the id's revision named when the user looked; undefined asks the Hub what it names now
 * @throws DeltaScopeError `hub.*`, `job.cancelled`, `output.unwritable`
 */
export async function* bringModel(
  access: HubAccess,
  id: HubId,
  commit: string | undefined,
  signal: AbortSignal,
): AsyncGenerator<HubEvent, BroughtSource> {
  const repository = await repositoryAt(access, id, commit, signal);
  const wanted = await planDownload(access, repository, signal);
  yield modelEvent(wanted);
  const events = createEventQueue<HubEvent>(() => undefined);
  const tell = (progress: Progress): void => events.push([{ type: "progress", progress }]);
  const loading = download(access, wanted, signal, tell).finally(events.close);
  loading.catch(() => undefined); // it is awaited below; a reader that stops early must not leave it unheard
  yield* events.items;
  await loading;
  return { location: pinnedAddress(repository), folder: snapshotFolder(repository) };
}

/** The branch keeps its name: it is what the cache will know the commit by. */
async function repositoryAt(
  access: HubAccess,
  id: HubId,
  commit: string | undefined,
  signal: AbortSignal,
): Promise<HubRepository> {
  if (commit === undefined || commit === id.revision) return findRepository(access, id, signal);
  const repository = await findRepository(access, { ...id, revision: commit }, signal);
  return { ...repository, asked: id.revision ?? "main" };
}

function modelEvent({ repository, files, bytes, missingBytes }: Wanted): HubEvent {
  const { name, commit, licence } = repository;
  const counts = { files: files.length, bytes, missingBytes };
  return { type: "model", repository: name, revision: commit, licence: licence ?? null, ...counts };
}
