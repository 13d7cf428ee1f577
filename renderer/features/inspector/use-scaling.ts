/** λ on the intruders of the module on screen: which vectors, how strong, and where. */
import { useEffect, useMemo, useState } from "react";
import type { ModuleRow } from "../../../src/contract/domain/cells.ts";
import type { Which } from "../../../src/contract/domain/edit.ts";
import { chosenRanks, tickedRanks, toggledRanks } from "./model/scaling.ts";
import type { Tested } from "./model/tested.ts";
import type { Place } from "./use-place.ts";

export interface Scaling {
  lambda: number;
  /** Shows another λ at once; the address follows when the hand rests. */
  preview: (lambda: number) => void;
  commit: (lambda: number) => void;
  /** Ranks in W, from 1, of the vectors that λ scales here. */
  ranks: readonly number[];
  toggle: (rank: number) => void;
  choice: "all" | "strongest" | "ticked";
  which: Which;
  scope: "module" | "run";
  /** σ as trained and at λ, for the spectra. */
  marks: readonly { rank: number; from: number; to: number }[];
}

/** Undefined where there is nothing to scale: the edits work on left vectors. */
export function useScaling(place: Place, row: ModuleRow, tested: Tested | undefined): Scaling | undefined {
  const { search, change } = place;
  const address = search.lambda ?? 1;
  const [shown, setShown] = useState(address);
  useEffect(() => setShown(address), [address]);
  return useMemo(() => {
    if (tested?.settings.side !== "left") return undefined;
    const ticked = tickedRanks(search.which);
    const ranks = chosenRanks(tested, search.which);
    const choice = ticked ? "ticked" : search.which === "all" ? "all" : "strongest";
    const marks = tested.vectors
      .filter(({ rank }) => shown !== 1 && ranks.includes(rank))
      .map(({ rank, singularValue }) => ({ rank, from: singularValue, to: singularValue * shown }));
    return {
      lambda: shown,
      preview: setShown,
      commit: (lambda) => change({ lambda: lambda === 1 ? undefined : lambda }),
      ranks,
      toggle: (rank) => change({ which: toggledRanks(ranks, rank) }),
      choice,
      which: choice === "ticked" ? [{ module: row.name, vectors: ranks.map((rank) => rank - 1) }] : choice,
      // Ticks name vectors of this module only.
      scope: choice === "ticked" ? "module" : (search.scope ?? "module"),
      marks,
    };
  }, [tested, search.which, search.scope, shown, change, row.name]);
}
