/** The table's rows: filtered as typed, sorted when asked, steady while results arrive. */
import { useCallback, useMemo, useRef, useState } from "react";
import type { CompareModel } from "../compare-model.ts";
import { matches } from "../filter/matches.ts";
import { parseFilter } from "../filter/parse.ts";
import { inBrush } from "../model/brush.ts";
import { type Arrangement, arrange, parseSort, sortText, toggleSort } from "../model/sort.ts";
import { tableRows } from "../model/table-rows.ts";

export function useTableRows(compare: CompareModel) {
  const { tracks, decide, brush, chosenKinds, search, runs, settings, update } = compare;
  const all = useMemo(() => tableRows(tracks, decide), [tracks, decide]);
  const filter = useMemo(() => parseFilter(search.q ?? ""), [search.q]);
  const filtered = useMemo(
    () =>
      all.filter(
        (row) =>
          inBrush(row.row.layer, brush) &&
          (chosenKinds.length === 0 || chosenKinds.includes(row.row.kind)) &&
          matches(filter, row),
      ),
    [all, brush, chosenKinds, filter],
  );
  const sort = useMemo(() => parseSort(search.sort), [search.sort]);
  const [again, setAgain] = useState(0);
  const layers = brush ? `${brush.from}-${brush.to}` : "";
  const question = [
    sortText(sort),
    search.q,
    layers,
    chosenKinds.join(),
    runs.map(({ id }) => id).join(),
    settings.k,
    settings.epsilon,
    settings.side,
    again,
  ].join("|");
  const before = useRef<Arrangement>(undefined);
  const arranged = useMemo(() => {
    before.current = arrange(before.current, question, filtered, sort);
    return before.current;
  }, [question, filtered, sort]);
  const setSort = useCallback(
    (column: string, add: boolean) => update({ sort: sortText(toggleSort(sort, column, add)) }, true),
    [update, sort],
  );
  const sortAgain = useCallback(() => setAgain((count) => count + 1), []);
  return { rows: arranged.rows, fresh: arranged.fresh, total: all.length, sort, setSort, sortAgain };
}
