/** Downloads as jobs: what came joins the library; what was loaded of one that stopped stays for the next time. */
import type { BroughtSource, HubDownloadSpec, HubEvent } from "../../contract/domain/hub.ts";
import { formatBytes } from "../../contract/format.ts";
import type { JobWork } from "./job-work.ts";

export interface DownloadJobServices {
  work(spec: HubDownloadSpec, signal: AbortSignal): AsyncIterable<HubEvent>;
  /** Takes what was brought into the library. */
  keep(sources: readonly BroughtSource[]): Promise<void>;
}

export function createDownloadJobs(services: DownloadJobServices): (spec: HubDownloadSpec) => JobWork {
  return (spec) => {
    const counted = { done: 0, total: 0 };
    return {
      title: `${spec.source.replace(/^hf:\/\//, "")} from the Hub`,
      place: "download",
      async *steps(signal) {
        for await (const event of services.work(spec, signal)) {
          if (event.type === "progress") {
            Object.assign(counted, { done: event.progress.done, total: event.progress.total });
            yield { changes: { progress: event.progress }, now: false };
          }
          if (event.type === "finished") await services.keep(event.sources);
        }
      },
      kept: () =>
        counted.total === 0
          ? "Nothing was loaded yet."
          : `${formatBytes(counted.done)} of ${formatBytes(counted.total)} are kept.`,
      ended: () => undefined,
    };
  };
}
