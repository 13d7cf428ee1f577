/** The order of waiting jobs: dragged or moved by keys, changed at once and then by the engine. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type DragEvent, useState } from "react";
import type { Job } from "../../../src/contract/domain/job.ts";
import { useEngine } from "../../client/engine.ts";
import { announce } from "../../widgets/announce.ts";

/** What a drag carries; other drags over the window are none of the queue's. */
const dragType = "application/x-deltascope-job";

export interface Order {
  /** Row whose place a dragged job would take, and the edge where it would stand then. */
  target: { id: string; edge: "top" | "bottom" } | undefined;
  error: unknown;
  lift: (id: string, event: DragEvent) => void;
  over: (id: string, event: DragEvent) => void;
  drop: (id: string, event: DragEvent) => void;
  leave: () => void;
  /** Moves a job by places among those that wait. */
  step: (id: string, by: number) => void;
}

export function useOrder(waiting: readonly Job[]): Order {
  const engine = useEngine();
  const queries = useQueryClient();
  const [lifted, setLifted] = useState<string>();
  const [target, setTarget] = useState<Order["target"]>();
  const move = useMutation({
    mutationFn: (asked: { job: string; before: string | null }) => engine.jobs.move(asked),
    onSuccess: (jobs) => queries.setQueryData<Job[]>(["jobs"], jobs),
  });
  const ids = waiting.map(({ id }) => id);
  const place = async (id: string, to: number) => {
    const others = ids.filter((other) => other !== id);
    if (to < 0 || to > others.length || to === ids.indexOf(id)) return;
    const isMoved = await move.mutateAsync({ job: id, before: others[to] ?? null }).then(
      () => true,
      () => false, // the panel shows why
    );
    if (!isMoved) return;
    announce(
      `${waiting.find((job) => job.id === id)?.title ?? "The job"} is number ${to + 1} of ${ids.length} waiting.`,
    );
    // A row that moves loses the focus of its handle.
    requestAnimationFrame(() => document.querySelector<HTMLElement>(`[data-move="${CSS.escape(id)}"]`)?.focus());
  };
  const leave = () => {
    setLifted(undefined);
    setTarget(undefined);
  };
  return {
    target,
    error: move.error,
    leave,
    lift(id, event) {
      event.dataTransfer.setData(dragType, id);
      event.dataTransfer.effectAllowed = "move";
      setLifted(id);
    },
    over(id, event) {
      if (lifted === undefined || !event.dataTransfer.types.includes(dragType)) return;
      event.preventDefault();
      const edge = ids.indexOf(id) > ids.indexOf(lifted) ? "bottom" : "top";
      setTarget(id === lifted ? undefined : { id, edge });
    },
    drop(id, event) {
      if (lifted === undefined) return;
      event.preventDefault();
      leave();
      if (id !== lifted) void place(lifted, ids.indexOf(id));
    },
    step: (id, by) => void place(id, ids.indexOf(id) + by),
  };
}
