/** Starts a fine-tune: what is on screen is resolved once more, so that nothing old is trained. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import type { Job, JobQuestion } from "../../../src/contract/domain/job.ts";
import { recipe } from "../../../src/contract/domain/training.ts";
import { useEngine } from "../../client/engine.ts";
import { mergeJob } from "../../client/live-cache.ts";
import { resolveQuery } from "../../client/training-queries.ts";
import { announce } from "../../widgets/announce.ts";
import { runOf } from "./model/jobs.ts";
import type { Draft } from "./model/recipe.ts";

export interface StartOrder {
  draft: Draft;
  /** Stays on the page where it is false. */
  follow: boolean;
}

export function useStart() {
  const engine = useEngine();
  const queue = useQueueJob();
  const queries = useQueryClient();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: async ({ draft, follow }: StartOrder) => {
      const resolution = await queries.fetchQuery({ ...resolveQuery(engine, draft), staleTime: 0 });
      const problem = resolution.problems.find(({ level }) => level === "error");
      if (problem) {
        announce(problem.message);
        focusField(problem.field);
        return;
      }
      const job = await queue({ kind: "training", spec: { recipe: recipe.parse(draft) } });
      const run = runOf(job);
      if (follow && run !== undefined) await navigate({ to: "/training/run/$id", params: { id: run } });
    },
  });
}

/** The first control of a field, or of the group it belongs to. */
function focusField(field: string): void {
  const parts = field.split(".");
  for (let length = parts.length; length > 0; length -= 1) {
    const name = CSS.escape(parts.slice(0, length).join("."));
    const places = [`[data-field="${name}"]`, `[data-field^="${name}."]`];
    // Explained words are buttons too: a field to type in goes first.
    const selectors = [
      ...places.map((place) => `${place} :is(input, select)`),
      ...places.map((place) => `${place} button`),
    ];
    const control = selectors.map((selector) => document.querySelector<HTMLElement>(selector)).find(Boolean);
    if (control) {
      control.focus();
      return;
    }
  }
}

export function useQueueJob() {
  const engine = useEngine();
  const queries = useQueryClient();
  return async (question: JobQuestion) => {
    const job = await engine.jobs.start(question);
    queries.setQueryData<Job[]>(["jobs"], (jobs = []) => mergeJob(jobs, job));
    void queries.invalidateQueries({ queryKey: ["training-runs"] });
    void queries.invalidateQueries({ queryKey: ["sweeps"] });
    announce(`${job.title} is queued.`);
    return job;
  };
}
