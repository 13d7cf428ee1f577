/** The order that a user gave to jobs, kept in the workspace: jobs get new ids with every start of the program. */
import { createHash } from "node:crypto";
import { z } from "zod";
import type { Job } from "../../contract/domain/job.ts";
import type { Store } from "../store/types.ts";

/** Among the settings of a workspace. */
const key = "job-order";
const stored = z.array(z.string());

export function keepJobOrder(store: Pick<Store, "putSettings">): (jobs: readonly Job[]) => void {
  return (jobs) => {
    const waiting = jobs.filter(({ state }) => state === "queued" || state === "running" || state === "paused");
    // What could not be stored costs the order after a restart, nothing else.
    void store.putSettings({ [key]: waiting.map(nameOf) }).catch(() => undefined);
  };
}

/** Those that have a place first, the others as they were asked. */
export async function inKeptOrder(jobs: readonly Job[], store: Pick<Store, "settings">): Promise<Job[]> {
  const order = stored.safeParse((await store.settings())[key]).data ?? [];
  const places = new Map(order.map((name, place) => [name, place]));
  const placeOf = (job: Job): number => places.get(nameOf(job)) ?? order.length;
  return jobs.toSorted((one, other) => placeOf(one) - placeOf(other) || (one.queuedAt < other.queuedAt ? -1 : 1));
}

function nameOf({ question }: Job): string {
  return createHash("sha256").update(JSON.stringify(question)).digest("hex");
}
