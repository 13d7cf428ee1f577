/** The charts that stand on screen now, for the view's export menu. */
import { createContext, type ReactNode, useContext, useEffect, useMemo } from "react";
import type { ChartTable } from "./chart-table.ts";

export interface ShelvedChart {
  /** File stem: "spectra-B-31-down_proj". */
  name: string;
  title: string;
  element: Element;
  table: ChartTable;
}

export interface Shelf {
  put(chart: ShelvedChart): () => void;
  /** In the order of the page. */
  charts(): ShelvedChart[];
}

const ShelfContext = createContext<Shelf | undefined>(undefined);

function makeShelf(): Shelf {
  const shelved = new Set<ShelvedChart>();
  return {
    put(chart) {
      shelved.add(chart);
      return () => shelved.delete(chart);
    },
    charts: () => [...shelved].sort((a, b) => byPlace(a.element, b.element)),
  };
}

function byPlace(first: Element, second: Element): number {
  return first.compareDocumentPosition(second) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1;
}

export function ChartShelf({ children }: { children: ReactNode }) {
  const shelf = useMemo(makeShelf, []);
  return <ShelfContext.Provider value={shelf}>{children}</ShelfContext.Provider>;
}

/** The shelf of this view; undefined outside one. */
export function useChartShelf(): Shelf | undefined {
  return useContext(ShelfContext);
}

/** Keeps a chart on the shelf while it is on screen. */
export function useShelved(element: Element | null, name: string, title: string, table: ChartTable): void {
  const shelf = useChartShelf();
  useEffect(
    () => (element && shelf ? shelf.put({ name, title, element, table }) : undefined),
    [shelf, element, name, title, table],
  );
}
