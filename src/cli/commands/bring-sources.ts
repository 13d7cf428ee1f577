/** Before the work: models of the Hub that are not on this machine are downloaded, with progress on standard error. */
import { isAbsolute } from "node:path";
import type { BroughtSource, HubDownloadSpec, HubEvent } from "../../contract/domain/hub.ts";
import { DeltaScopeError } from "../../contract/errors.ts";
import { formatBytes, formatNumberOf } from "../../contract/format.ts";
import { parseHubId } from "../../contract/hub-id.ts";
import { shortText } from "../../contract/text.ts";
import type { CliContext, EngineClient } from "../context.ts";
import { type ProgressView, progressView } from "../terminal/progress.ts";

export interface BringOptions {
  quiet: boolean;
  signal: AbortSignal;
  /** Ask the Hub even for what is in the cache. */
  newest?: boolean;
}

/**
 * Answers what each source is called from now on: ids name their commit, so that everything that follows, and the
 * documents, speak of the same state. Paths stay as they are.
 * @throws what the engine throws; `job.cancelled` after Ctrl-C
 */
export async function bringSources(
  context: CliContext,
  client: EngineClient,
  sources: readonly (string | undefined)[],
  options: BringOptions,
): Promise<(source: string) => string> {
  const ids = [...new Set(sources)].filter((source) => source !== undefined).filter(mayBeId);
  if (ids.length === 0) return (source) => source;
  // A workspace that another process holds is better known before gigabytes were loaded than after.
  await client.workspace.info();
  const brought = await bring(context, client, ids, options);
  const places = new Map(ids.map((id, index) => [id, brought[index]?.location ?? id]));
  return (source) => places.get(source) ?? source;
}

/** The same for a base with what is compared with it. */
export async function withBroughtModels<
  Spec extends { base?: string | undefined; tuned: readonly { label: string; path: string }[] },
>(context: CliContext, client: EngineClient, spec: Spec, options: BringOptions): Promise<Spec> {
  const { base, tuned } = spec;
  const at = await bringSources(context, client, [base, ...tuned.map(({ path }) => path)], options);
  const named = tuned.map((one) => ({ ...one, path: at(one.path) }));
  return { ...spec, ...(base === undefined ? {} : { base: at(base) }), tuned: named };
}

/** Downloads each source and follows it. Answers them in their order. */
export async function bring(
  context: CliContext,
  client: EngineClient,
  sources: (string | HubDownloadSpec)[],
  { quiet, signal, newest = false }: BringOptions,
): Promise<BroughtSource[]> {
  const view = progressView(context.stderr, quiet);
  const counted = { done: 0, total: 0 };
  try {
    for await (const event of await client.hub.download({ sources, newest }, { signal })) {
      tell(event, view, counted);
      if (event.type === "finished") return event.sources;
    }
    throw new DeltaScopeError("internal", "The download ended without a result.");
  } catch (thrown) {
    throw signal.aborted ? cancelled(counted) : thrown;
  } finally {
    view.end();
  }
}

/** Paths that exist are absolute by now. */
function mayBeId(source: string): boolean {
  return !isAbsolute(source) && parseHubId(source) !== undefined;
}

function tell(event: HubEvent, view: ProgressView, counted: { done: number; total: number }): void {
  if (event.type === "model") view.note(modelLine(event));
  if (event.type !== "progress") return;
  Object.assign(counted, { done: event.progress.done, total: event.progress.total });
  view.show(event.progress);
}

/** Name, commit, size and terms of what a download brings. */
export function modelLine({
  repository,
  revision,
  licence,
  files,
  bytes,
  missingBytes,
}: Omit<HubEvent & { type: "model" }, "type">): string {
  const terms = licence === null ? "no licence named" : `licence ${shortText(licence, 60)}`;
  const missing = missingBytes === 0 ? "all here already" : `${formatBytes(missingBytes)} to load`;
  const size = `${formatNumberOf(files, "file")}, ${formatBytes(bytes)}, ${missing}`;
  return `${shortText(repository)} at ${revision.slice(0, 7)}: ${size}; ${terms}.`;
}

function cancelled({ done, total }: { done: number; total: number }): DeltaScopeError {
  const kept = total > 0 ? `${formatBytes(done)} of ${formatBytes(total)} are kept` : "nothing was loaded yet";
  return new DeltaScopeError("job.cancelled", `The download was cancelled; ${kept}.`);
}
