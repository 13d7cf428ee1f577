/** Models that users name and that are not on this machine: looked at, and brought when asked. */

import type { Inspection } from "../../contract/domain/checkpoint.ts";
import type { BroughtSource, HubDownloadSpec, HubEvent } from "../../contract/domain/hub.ts";
import { DeltaScopeError, type ErrorCode, toDeltaScopeError } from "../../contract/errors.ts";
import type { HubId } from "../../contract/hub-id.ts";
import { open } from "../checkpoint/open.ts";
import { type HubAccess, hubEndpoint, isToken, openHub } from "../hub/access.ts";
import { tokenStatus, whoAmI } from "../hub/account.ts";
import { bringModel } from "../hub/bring.ts";
import { inspect } from "../inspect.ts";
import { inspectOnHub } from "../inspect-on-hub.ts";
import { hubCacheFolder } from "../source/hub-cache.ts";
import { hubIdOf } from "../source/open-source.ts";
import { quote } from "../source/quote.ts";
import { openStore } from "../store/open-store.ts";
import { copyWorkspace } from "../workspace/copy.ts";
import { procedures } from "./base.ts";
import { checkPlaces } from "./places.ts";
import type { Services } from "./services.ts";
import { readSettings } from "./settings.ts";

export const hub = {
  download: procedures.hub.download.handler(async function* ({ input, context, signal }) {
    await checkPlaces(context, { sources: input.sources });
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

/** The work of a download job. */
export async function* bringOne(
  { source, commit }: HubDownloadSpec,
  context: Services,
  signal: AbortSignal,
): AsyncGenerator<HubEvent, void> {
  const id = await hubIdOf(source);
  if (id === undefined) throw new DeltaScopeError("hub.not-found", `${quote(source)} is no id of the Hub.`, source);
  const brought = yield* bringModel(await reachFor(context, id), id, commit, signal);
  yield { type: "finished", sources: [brought] };
}

async function* bringSources(
  { sources, newest }: { sources: readonly string[]; newest: boolean },
  context: Services,
  signal: AbortSignal,
): AsyncGenerator<HubEvent, void> {
  const brought: BroughtSource[] = [];
  for (const source of sources) {
    const id = await hubIdOf(source);
    if (id === undefined) brought.push({ location: source, folder: null });
    else {
      const here = newest ? undefined : await openedHere(source, id, context);
      brought.push(here ?? (yield* bringModel(await reachFor(context, id), id, undefined, signal)));
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

/** How opening fails where nothing was downloaded, or not all of it. */
const MISSING: ReadonlySet<ErrorCode> = new Set([
  ...(["source.not-found", "source.empty", "source.unreadable", "checkpoint.no-tensors"] as const),
  ...(["checkpoint.shard-missing", "adapter.weights-missing", "adapter.config-missing"] as const),
]);

function isMissing(thrown: unknown): boolean {
  return MISSING.has(toDeltaScopeError(thrown).code);
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
