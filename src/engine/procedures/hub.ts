/** Models that users name and that are not on this machine: looked at, and brought when asked. */

import type { Inspection } from "../../contract/domain/checkpoint.ts";
import type { BroughtSource, HubDownloadSpec, HubEvent, HubPlan, HubSelection } from "../../contract/domain/hub.ts";
import { DeltaScopeError, toDeltaScopeError } from "../../contract/errors.ts";
import { type HubId, type HubPlace, isDatasetAddress, parseHubPlace } from "../../contract/hub-id.ts";
import { open } from "../checkpoint/open.ts";
import { filesOfTask } from "../evaluation/tasks/data-location.ts";
import { findDefinition } from "../evaluation/tasks/definitions/registry.ts";
import { type HubAccess, hubEndpoint, isToken, openHub } from "../hub/access.ts";
import { tokenStatus, whoAmI } from "../hub/account.ts";
import { bringRepository, rowFilesOf } from "../hub/bring.ts";
import { planDownload } from "../hub/download.ts";
import { HubError } from "../hub/failure.ts";
import { findRepository, type HubRepository, shortName } from "../hub/repository.ts";
import { inspect } from "../inspect.ts";
import { factsOf, inspectOnHub } from "../inspect-on-hub.ts";
import { hubCacheFolder } from "../source/hub-cache.ts";
import { isMissing } from "../source/missing.ts";
import { hubIdOf } from "../source/open-source.ts";
import { quote } from "../source/quote.ts";
import { openStore } from "../store/open-store.ts";
import { filesOfRows } from "../training/recipes/hub-data.ts";
import { copyWorkspace } from "../workspace/copy.ts";
import { procedures } from "./base.ts";
import { checkPlaces } from "./places.ts";
import type { Services } from "./services.ts";
import { readSettings } from "./settings.ts";

export const hub = {
  plan: procedures.hub.plan.handler(async ({ input: { source, select }, context, signal }) => {
    await checkPlaces(context, { sources: [source] });
    return planOf(await placeOf(source), select, context, signal ?? new AbortController().signal);
  }),
  download: procedures.hub.download.handler(async function* ({ input, context, signal }) {
    await checkPlaces(context, { sources: input.sources.map((one) => (typeof one === "string" ? one : one.source)) });
    yield* context.jobs.runJob("download", (job) => bringSources(input, context, job.signal), { signal });
  }),
  token: {
    status: procedures.hub.token.status.handler(({ context }) => tokenStatus(context.keychain)),
    set: procedures.hub.token.set.handler(async ({ input, context: { keychain } }) => {
      const token = input.token.trim();
      if (!isToken(token)) {
        throw new DeltaScopeError("request.invalid", "This is no token: one word of at most 1024 plain letters.");
      }
      await keychain.write(hubEndpoint(), token);
      return tokenStatus(keychain);
    }),
    remove: procedures.hub.token.remove.handler(async ({ context: { keychain } }) => {
      await keychain.remove(hubEndpoint());
      return tokenStatus(keychain);
    }),
    check: procedures.hub.token.check.handler(async ({ context, signal }) =>
      whoAmI(await reach(context, "the account of the token"), signal ?? new AbortController().signal),
    ),
  },
};

/** What is on this machine is looked at here; a model of the Hub where it is. */
export async function inspectAnywhere(location: string, context: Services, signal: AbortSignal): Promise<Inspection> {
  try {
    return await inspect(location);
  } catch (thrown) {
    const id = isMissing(thrown) ? await hubIdOf(location) : undefined;
    if (id === undefined) throw thrown;
    const access = await reachFor(context, id).catch((refusal: unknown) => {
      throw isPartHere(thrown) ? thrown : refusal;
    });
    return inspectOnHub(id, access, signal);
  }
}

async function planOf(
  place: HubPlace,
  select: HubSelection | null,
  context: Services,
  signal: AbortSignal,
): Promise<HubPlan> {
  const access = await reachFor(context, place);
  const repository = await findRepository(access, place, signal);
  const names = rowFilesOf(repository, place.below);
  const chosen = names && select ? chosenFiles(names, select, repository) : names;
  const wanted = await planDownload(access, repository, signal, chosen);
  const { name, commit } = repository;
  return { repository: name, revision: commit, ...(await factsOf(repository, wanted.files)) };
}

/** @throws DeltaScopeError `hub.not-found` where there are none */
function chosenFiles(names: readonly string[], select: HubSelection, repository: HubRepository): string[] {
  const chosen = "task" in select ? filesOfTask(names, findDefinition(select.task)) : filesOfRows(names, select);
  if (chosen.length > 0) return chosen;
  const what = "task" in select ? `the task ${select.task}` : `format ${select.format}, split ${select.split}`;
  const there = `${names.slice(0, 5).join(", ")}${names.length > 5 ? ", …" : ""}`;
  const message = `The data set ${shortName(repository)} has no files for ${what}. It has ${there}.`;
  throw new HubError("hub.not-found", message, repository.name);
}

/** @throws DeltaScopeError `hub.not-found` for what is a path, or nothing */
async function placeOf(source: string): Promise<HubPlace> {
  const place = isDatasetAddress(source) ? parseHubPlace(source) : await hubIdOf(source);
  if (place === undefined) throw new DeltaScopeError("hub.not-found", `${quote(source)} is no id of the Hub.`, source);
  return { type: "model", below: "", ...place };
}

/** The work of a download job. */
export async function* bringOne(
  { source, ...wanted }: HubDownloadSpec,
  context: Services,
  signal: AbortSignal,
): AsyncGenerator<HubEvent, void> {
  const place = await placeOf(source);
  const brought = yield* bringRepository(await reachFor(context, place), place, wanted, signal);
  yield { type: "finished", sources: [brought] };
}

async function* bringSources(
  { sources, newest }: { sources: readonly (string | HubDownloadSpec)[]; newest: boolean },
  context: Services,
  signal: AbortSignal,
): AsyncGenerator<HubEvent, void> {
  const brought: BroughtSource[] = [];
  for (const one of sources) {
    const { source, ...wanted } = typeof one === "string" ? { source: one } : one;
    const isExact = typeof one !== "string" || isDatasetAddress(source);
    const id = isExact ? await placeOf(source) : await hubIdOf(source);
    if (id === undefined) brought.push({ location: source, folder: null });
    else {
      const here = newest || isExact ? undefined : await openedHere(source, id, context);
      const place = { type: "model", below: "", ...id } as const;
      brought.push(here ?? (yield* bringRepository(await reachFor(context, id), place, wanted, signal)));
    }
  }
  yield { type: "finished", sources: brought };
}

/** What an id in the cache stands for; undefined when the cache lacks it, or a part of it that the Hub may be asked for. */
async function openedHere(location: string, id: HubId, context: Services): Promise<BroughtSource | undefined> {
  const asItIs = { location, folder: null }; // opening it will say what is wrong
  try {
    const { repository, revision, root } = (await open(location)).source;
    return { location: `hf://${repository}@${revision}`, folder: root };
  } catch (thrown) {
    if (!isMissing(thrown)) return asItIs;
    if (!isPartHere(thrown)) return undefined;
    return reachFor(context, id).then(
      () => undefined,
      () => asItIs,
    );
  }
}

/** Where the Hub may not be asked, what is missing says more than that. */
function isPartHere(thrown: unknown): boolean {
  return isMissing(thrown) && toDeltaScopeError(thrown).code !== "source.not-found";
}

/**
 * @param what is not here, for the refusal
 * @throws DeltaScopeError `hub.network-off`, `hub.offline`, `hub.endpoint-invalid`
 */
async function reach(context: Services, what: string): Promise<HubAccess> {
  if ((await networkSetting(context)) === "request") return openHub(context.keychain);
  throw new DeltaScopeError("hub.network-off", `The Hub is not asked for ${what}: the network is off.`, what);
}

/** @throws DeltaScopeError as `reach`, saying where the repository was looked for */
async function reachFor(context: Services, { repository }: HubId): Promise<HubAccess> {
  return reach(context, `${repository}, which is not in the Hugging Face cache ${hubCacheFolder()}`);
}

/** The user's word counts also while another process holds the workspace. */
async function networkSetting(context: Services): Promise<"off" | "request"> {
  try {
    return (await readSettings(await context.store())).network;
  } catch (thrown) {
    if (toDeltaScopeError(thrown).code !== "store.locked") throw thrown;
  }
  const copy = await copyWorkspace(context.options.workspace);
  try {
    const store = await openStore(copy.database, { copy: true });
    return await readSettings(store)
      .then(({ network }) => network)
      .finally(store.close);
  } finally {
    copy.release();
  }
}
