/** The report of the runs on screen, or of those that are pinned, as a file. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import type { AppRun } from "../../../src/contract/domain/cells.ts";
import type { Pin } from "../../../src/contract/domain/pin.ts";
import { useEngine } from "../../client/engine.ts";
import { runsQuery } from "../../client/queries.ts";
import { useHost } from "../../host/host.ts";

/** What one question to the engine may name. */
const mostRuns = 8;

export function useSaveReport(pins: readonly Pin[]) {
  const engine = useEngine();
  const host = useHost();
  const { data: all = [] } = useQuery(runsQuery(engine));
  const { runs: shown } = useSearch({ strict: false }) as { runs?: string };
  const runs = reportRuns(all, shown?.split(",") ?? [], pins);
  const file = useMutation({
    mutationFn: async () => {
      const { name, mime, content } = await engine.runs.render({ runs: runs.map(({ id }) => id), format: "html" });
      await host.save(name, new Blob([content], { type: mime }));
    },
  });
  return { runs, save: () => file.mutate(), saving: file.isPending, error: file.error };
}

/** Those on screen, else those that are pinned, else all; of one base, because a report compares. */
export function reportRuns(all: readonly AppRun[], shown: readonly string[], pins: readonly Pin[]): AppRun[] {
  const pinned = new Set(pins.flatMap((pin) => pin.runs));
  const choices = [all.filter(({ id }) => shown.includes(id)), all.filter(({ id }) => pinned.has(id)), all];
  const chosen = choices.find(({ length }) => length > 0) ?? [];
  return chosen.filter(({ base }) => base.fingerprint === chosen[0]?.base.fingerprint).slice(0, mostRuns);
}
