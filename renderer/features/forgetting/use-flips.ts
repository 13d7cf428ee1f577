/** The flips in sight and the one that is open; steps go through them. */
import { useCallback, useMemo } from "react";
import type { AuditDocument, Flip } from "../../../src/contract/domain/audit.ts";
import { announce } from "../../widgets/announce.ts";
import { comeBack, type PairFlips, pairFlips } from "./model/flips.ts";
import type { Pair } from "./model/question.ts";
import type { ForgettingModel } from "./use-forgetting.ts";

export interface FlipList {
  /** Tasks with choices. */
  tasks: readonly string[];
  task: string | undefined;
  pair: Pair | undefined;
  flips: PairFlips;
  kind: "lost" | "gained";
  listed: readonly Flip[];
  /** The open item: the one of the address, else the first. */
  open: Flip | undefined;
  back: number | undefined;
  step: (by: 1 | -1) => void;
  turn: () => void;
}

const none: PairFlips = { lost: [], gained: [] };

export function useFlips(model: ForgettingModel): FlipList {
  const { document, pair, search, lambda, change, spec } = model;
  const tasks = useMemo(() => (document && spec ? choiceTasks(document, spec.tasks) : []), [document, spec]);
  const task = tasks.find((name) => name === search.task) ?? usualTask(document, tasks, pair);
  const flips = useMemo(
    () => (document && task !== undefined && pair ? pairFlips(document, task, pair) : none),
    [document, task, pair],
  );
  const kind = search.flip ?? "lost";
  const listed = flips[kind];
  const open = listed.find(({ index }) => index === search.item) ?? listed[0];
  const step = useCallback(
    (by: 1 | -1) => {
      const at = open ? listed.indexOf(open) : -1;
      const next = listed[at + by];
      if (next) change({ item: next.index }, true);
      else announce(by > 0 ? "This is the last flip." : "This is the first flip.");
    },
    [listed, open, change],
  );
  const turn = useCallback(
    () => change({ flip: kind === "lost" ? "gained" : undefined, item: undefined }, true),
    [kind, change],
  );
  const back = document && task !== undefined && pair ? comeBack(document, task, pair, lambda) : undefined;
  return { tasks, task, pair, flips, kind, listed, open, back, step, turn };
}

function choiceTasks(document: AuditDocument, tasks: readonly { name: string }[]): string[] {
  const scored = new Set(document.rows.filter(({ acc }) => acc !== null).map(({ task }) => task));
  return tasks.map(({ name }) => name).filter((name) => scored.has(name));
}

/** The old task that lost most items. */
function usualTask(
  document: AuditDocument | undefined,
  tasks: readonly string[],
  pair: Pair | undefined,
): string | undefined {
  const rows = document?.rows.filter(
    (row) => row.role === "retain" && row.label === pair?.subject.label && row.lambda === pair.lambda,
  );
  const most = rows?.toSorted((a, b) => (b.lost ?? 0) - (a.lost ?? 0))[0]?.task;
  return tasks.find((task) => task === most) ?? tasks[0];
}
