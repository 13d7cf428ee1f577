/** Changes settings: shown at once, corrected by the engine's answer where it must. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { Settings } from "../../src/contract/domain/settings.ts";
import { useEngine } from "./engine.ts";

export function useConfigure(): (change: Partial<Settings>) => void {
  const engine = useEngine();
  const queries = useQueryClient();
  const { mutate } = useMutation({
    mutationFn: (change: Partial<Settings>) => engine.workspace.configure(change),
    onMutate: (change) =>
      void queries.setQueryData<Settings>(["settings"], (known) => known && { ...known, ...change }),
    onSuccess: (settings) => queries.setQueryData(["settings"], settings),
    onError: () => queries.invalidateQueries({ queryKey: ["settings"] }),
  });
  return mutate;
}
