/** Where the user stands in the Library: cursor, picked items and filter, all in the address. */
import { getRouteApi } from "@tanstack/react-router";
import { useMemo } from "react";
import type { LibraryItem } from "../../../src/contract/domain/library.ts";
import type { LibrarySearch } from "./search.ts";

const route = getRouteApi("/library");

export function useLibraryPlace(items: readonly LibraryItem[]) {
  const search = route.useSearch() as LibrarySearch;
  const navigate = route.useNavigate();
  const picked = useMemo(() => {
    const known = new Set(items.map(({ id }) => id));
    return new Set((search.picked ?? "").split(",").filter((id) => known.has(id)));
  }, [search.picked, items]);

  function go(change: LibrarySearch, asNewPage = false) {
    const next = (before: LibrarySearch): LibrarySearch => ({ ...before, ...change });
    void navigate({ search: next as never, replace: !asNewPage });
  }

  return {
    search,
    picked,
    setCursor: (item: string | undefined) => go({ item }),
    setFilter: (q: string) => go({ q: q === "" ? undefined : q }),
    setPicked: (ids: ReadonlySet<string>) => go({ picked: ids.size > 0 ? [...ids].join(",") : undefined }),
  };
}
