/** The tooltip of a cell: after 80 ms, beside the cell, the same by keyboard focus. */
import { useEffect, useState, useSyncExternalStore } from "react";
import type { AppRun } from "../../../../src/contract/domain/cells.ts";
import { formatCosine, formatEffectiveRank, formatNumberOf, formatShare } from "../../../../src/contract/format.ts";
import { ChartTip, type TipContent, type TipRow } from "../../../charts/chart-tip.tsx";
import { RunBadge } from "../../../widgets/run-badge.tsx";
import type { CompareModel } from "../compare-model.ts";
import type { Cell } from "../model/cells.ts";
import { formatDifference } from "../model/difference.ts";
import { placeTitle } from "../model/selection.ts";
import { moduleAt } from "./inspector-address.ts";

export interface Hovered {
  run: AppRun;
  cell: Cell;
  /** The cell in the window. */
  box: DOMRect;
}

/** What the pointer or the keyboard is on; a store of its own, so that moving over cells draws only the tooltip. */
export function createHoverStore() {
  let hovered: Hovered | undefined;
  const listeners = new Set<() => void>();
  return {
    get: () => hovered,
    set(next: Hovered | undefined) {
      if (next?.cell === hovered?.cell && next?.run === hovered?.run) return;
      hovered = next;
      for (const listener of listeners) listener();
    },
    subscribe(listener: () => void) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
export type HoverStore = ReturnType<typeof createHoverStore>;

const delay = 80;

export function HeatTip({ store, compare }: { store: HoverStore; compare: CompareModel }) {
  const hovered = useSyncExternalStore(store.subscribe, store.get);
  const [shown, setShown] = useState(false);
  const present = hovered !== undefined;
  useEffect(() => {
    if (!present) {
      setShown(false);
      return undefined;
    }
    const timer = setTimeout(() => setShown(true), delay);
    return () => clearTimeout(timer);
  }, [present]);
  useEffect(() => {
    const close = (event: KeyboardEvent) => event.key === "Escape" && store.set(undefined);
    window.addEventListener("keydown", close);
    return () => window.removeEventListener("keydown", close);
  }, [store]);
  if (!hovered || !shown) return null;
  const { box, run } = hovered;
  return (
    <ChartTip content={contentOf(hovered, compare)} at={{ x: box.right, y: box.top + box.height / 2 }} key={run.id} />
  );
}

function contentOf({ run, cell }: Hovered, compare: CompareModel): TipContent {
  const title =
    cell.kind === "" ? `Layer ${cell.layer}, highest of all kinds` : placeTitle(cell).replace("Layer ", "L");
  const badge = <RunBadge letter={run.letter} />;
  const words = stateSentence(cell);
  if (words) return { title, badge, rows: [], standing: words };
  const rows = compare.difference ? differenceTip(cell, compare) : valueTip(run, cell, compare);
  return { title, badge, rows, standing: standingOf(cell) };
}

function stateSentence({ state, rows }: Cell): string | undefined {
  if (state === "waiting") return "Not computed yet.";
  if (state === "absent") return "This run did not tune the module.";
  if (state === "failed") return rows[0]?.error ?? "The module could not be measured.";
  return undefined;
}

function differenceTip(cell: Cell, { difference, metric, decide }: CompareModel): TipRow[] {
  if (!difference) return [];
  return [
    { label: metric.label, value: formatDifference(cell.value, difference) },
    ...cell.rows.slice(0, 2).map((row, index) => ({
      label: `Run ${(index === 0 ? difference.first : difference.second).letter}`,
      value: metric.format(metric.value(row, decide(row))),
    })),
  ];
}

function valueTip(run: AppRun, cell: Cell, compare: CompareModel): TipRow[] {
  const { metric, decide, settings } = compare;
  const row = moduleAt(compare, run, cell) ?? cell.rows[0];
  const decision = row && decide(row);
  const all: (TipRow | undefined)[] = [
    { label: metric.label, value: metric.format(cell.value) },
    decision && {
      label: `Intruders of top ${Math.min(settings.k, decision.tested)}`,
      value: `${decision.undecided > 0 ? "≥ " : ""}${cell.intruders ?? 0}`,
      ...(cell.intruders ? { tone: "intruder" as const } : {}),
    },
    decision && metric.id !== "cosine"
      ? { label: "Lowest max |cos|", value: formatCosine(decision.cosine.lower) }
      : undefined,
    row && metric.id !== "relative" ? { label: "Relative change", value: formatShare(row.relative) } : undefined,
    row && metric.id !== "erank" ? { label: "Effective rank", value: formatEffectiveRank(row.entropyRank) } : undefined,
    cell.rows.length > 1 ? { label: "Modules here", value: String(cell.rows.length) } : undefined,
  ];
  return all.filter((entry) => entry !== undefined);
}

function standingOf({ state, undecided, intruders }: Cell): string {
  if (undecided > 0) return `computed; ${formatNumberOf(undecided, "vector")} undecided`;
  if (state === "estimated") return "estimated";
  return intruders === null ? "computed" : "computed, certified";
}
