/** One repository from its id to a snapshot in the cache, as a stream of events. */
import type { BroughtSource, HubEvent } from "../../contract/domain/hub.ts";
import type { HubPlace } from "../../contract/hub-id.ts";
import type { Progress } from "../../contract/progress.ts";
import { createEventQueue } from "../jobs/event-queue.ts";
import { isBelow, isDataFile } from "../source/dataset-files.ts";
import type { HubAccess } from "./access.ts";
import { download, planDownload, type Wanted } from "./download.ts";
import { HubError } from "./failure.ts";
import { findRepository, type HubRepository, pinnedAddress, shortName } from "./repository.ts";
import { snapshotFolder } from "./snapshot.ts";

/**
 * Answers the location that names exactly what was brought, and the folder of its snapshot.
 * @param commit what the id's revision named when the user looked; undefined asks the Hub what it names now
 * @param files names of a data set's files; all that hold rows when left out
 * @throws DeltaScopeError `hub.*`, `job.cancelled`, `output.unwritable`
 */
export async function* bringRepository(
  access: HubAccess,
  id: HubPlace,
  { commit, files }: { commit?: string | undefined; files?: readonly string[] | undefined },
  signal: AbortSignal,
): AsyncGenerator<HubEvent, BroughtSource> {
  const repository = await repositoryAt(access, id, commit, signal);
  const wanted = await planDownload(access, repository, signal, files ?? rowFilesOf(repository, id.below));
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
  id: HubPlace,
  commit: string | undefined,
  signal: AbortSignal,
): Promise<HubRepository> {
  if (commit === undefined || commit === id.revision) return findRepository(access, id, signal);
  const repository = await findRepository(access, { ...id, revision: commit }, signal);
  return { ...repository, asked: id.revision ?? "main" };
}

/** Undefined for a model, whose files are chosen by what opening it reads. @throws DeltaScopeError `hub.not-found` */
export function rowFilesOf(repository: HubRepository, below: string): string[] | undefined {
  if (repository.type === "model") return undefined;
  const names = repository.files.map(({ name }) => name).filter((name) => isDataFile(name) && isBelow(name, below));
  if (names.length > 0) return names;
  const what = `${shortName(repository)}${below === "" ? "" : `/${below}`}`;
  throw new HubError("hub.not-found", `The data set ${what} has no files of rows: Parquet, JSON lines, CSV.`, what);
}

function modelEvent({ repository, files, bytes, missingBytes }: Wanted): HubEvent {
  const { name, commit, licence } = repository;
  const counts = { files: files.length, bytes, missingBytes };
  return { type: "model", repository: name, revision: commit, licence: licence ?? null, ...counts };
}
