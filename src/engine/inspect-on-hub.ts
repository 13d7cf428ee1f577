/** What a model of the Hub is, before anything of it is downloaded: its headers come by range requests. */
import type { HubFacts, Inspection } from "../contract/domain/checkpoint.ts";
import { DeltaScopeError, type ErrorCode, toDeltaScopeError } from "../contract/errors.ts";
import type { HubId } from "../contract/hub-id.ts";
import type { Opened } from "./checkpoint/checkpoint.ts";
import { openIn } from "./checkpoint/open.ts";
import type { HubAccess } from "./hub/access.ts";
import { findRepository, type HubFile, type HubRepository, pinnedAddress } from "./hub/repository.ts";
import { type StandIn, withStandIn } from "./hub/stand-in.ts";
import { describeOpened } from "./inspect.ts";
import { hasBlob } from "./source/hub-cache.ts";
import { openSource } from "./source/open-source.ts";

/** @throws DeltaScopeError `hub.*`, and what opening the model would throw were it here */
export async function inspectOnHub(id: HubId, access: HubAccess, signal: AbortSignal): Promise<Inspection> {
  const repository = await findRepository(access, { ...id, type: "model" }, signal);
  return withStandIn(access, repository, signal, async (standIn) => {
    const described = await describeOpened(await openStandIn(standIn, repository));
    const { checkpoint, adapter } = described;
    return {
      ...described,
      checkpoint: checkpoint && { ...checkpoint, fingerprint: null },
      adapter: adapter && { ...adapter, fingerprint: null },
      hub: await factsOf(repository, standIn.needed),
    };
  });
}

async function openStandIn({ folder }: StandIn, repository: HubRepository): Promise<Opened> {
  const address = pinnedAddress(repository);
  try {
    const source = await openSource(folder);
    const { name, commit } = repository;
    return await openIn({
      ...source,
      kind: "hub-cache",
      location: address,
      root: address,
      repository: name,
      revision: commit,
    });
  } catch (thrown) {
    throw atAddress(toDeltaScopeError(thrown), folder, address);
  }
}

/** Errors of the stand-in speak of the model. */
function atAddress({ code, message, where }: DeltaScopeError, folder: string, address: string): DeltaScopeError {
  const named = (text: string): string => text.replaceAll(folder, address);
  return new DeltaScopeError(code satisfies ErrorCode, named(message), where === undefined ? undefined : named(where));
}

export async function factsOf(repository: HubRepository, needed: readonly HubFile[]): Promise<HubFacts> {
  const files = await Promise.all(
    needed.map(async ({ name, size, etag }) => ({
      name,
      bytes: size,
      here: await hasBlob(repository, etag, size),
    })),
  );
  const sum = (some: typeof files) => some.reduce((total, { bytes }) => total + bytes, 0);
  return {
    licence: repository.licence ?? null,
    gated: repository.gated,
    files,
    bytes: sum(files),
    missingBytes: sum(files.filter(({ here }) => !here)),
  };
}
