/** `window.__deltascope.idle()`: resolves when no query, no event of the engine and no frame is pending (for tests). */
import type { QueryClient } from "@tanstack/react-query";
import type { AnyRouter } from "@tanstack/react-router";
import type { Job } from "../../src/contract/domain/job.ts";
import { eventsPending } from "../client/live.ts";
import { turnsPending } from "../widgets/in-turn.ts";

/** Frames without any work that count as rest. */
const quietFrames = 3;
/** The page is asked this often, in milliseconds. */
const pollPause = 16;

interface IdleOptions {
  /** Wait for queued and running jobs as well. */
  jobs?: boolean;
}

export interface DeltaScopeHook {
  idle(options?: IdleOptions): Promise<void>;
}

export function exposeIdle(queries: QueryClient, router: AnyRouter): void {
  const hook: DeltaScopeHook = {
    async idle({ jobs = false } = {}) {
      for (let quiet = 0; quiet < quietFrames; ) {
        await nextFrame();
        quiet = busy(queries, router, jobs) ? 0 : quiet + 1;
      }
    },
  };
  Object.assign(window, { __deltascope: hook });
}

function busy(queries: QueryClient, router: AnyRouter, jobs: boolean): boolean {
  if (queries.isFetching() + queries.isMutating() > 0 || eventsPending() || turnsPending()) return true;
  if (router.state.status === "pending" || router.state.isLoading) return true;
  return jobs && (queries.getQueryData<Job[]>(["jobs"]) ?? []).some(isOpen);
}

function isOpen(job: Job): boolean {
  return job.state === "queued" || job.state === "running";
}

/** After the next frame was drawn; a hidden page draws none, so time has to do there. */
function nextFrame(): Promise<void> {
  return new Promise((resolve) => {
    const done = () => setTimeout(resolve, 0);
    if (document.visibilityState === "visible") requestAnimationFrame(done);
    else setTimeout(done, pollPause);
  });
}
