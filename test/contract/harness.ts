/** What the contract's tests need of a transport, and small helpers on its streams. */
import { setTimeout } from "node:timers/promises";
import type { ContractRouterClient } from "@orpc/contract";
import type { Contract } from "../../src/contract/api.ts";
import type { EngineEvent, Job } from "../../src/contract/domain/job.ts";
import { type ErrorDocument, toDeltaScopeError } from "../../src/contract/errors.ts";

export type EngineClient = ContractRouterClient<Contract>;

/** One engine on a workspace of its own with clients of one kind; temporary folders may be opened. */
export interface ConnectedEngine {
  client: EngineClient;
  /** A further caller of the same engine: another window. */
  another(): Promise<EngineClient>;
  close(): Promise<void>;
}

export type ConnectEngine = (workspace: string) => Promise<ConnectedEngine>;

/** The error document of a call that must fail. */
export async function failureOf(call: Promise<unknown>): Promise<ErrorDocument> {
  try {
    await call;
  } catch (thrown) {
    const error = toDeltaScopeError(thrown);
    // A typed error carries its document over every transport; anything else would be read back as `internal`.
    return error.toDocument();
  }
  throw new Error("The call did not fail.");
}

export async function jobEnd(client: EngineClient, id: string): Promise<Job> {
  for (;;) {
    const job = (await client.jobs.list()).find((one) => one.id === id);
    if (!job) throw new Error(`There is no job ${id}.`);
    if (job.state !== "queued" && job.state !== "running") return job;
    await setTimeout(25);
  }
}

/** Listens until `done` says so; answers everything heard. */
export async function hear(
  client: EngineClient,
  done: (event: EngineEvent, heard: readonly EngineEvent[]) => boolean,
): Promise<EngineEvent[]> {
  const stop = new AbortController();
  const heard: EngineEvent[] = [];
  for await (const event of await client.events(undefined, { signal: stop.signal })) {
    heard.push(event);
    if (done(event, heard)) break;
  }
  stop.abort();
  return heard;
}
