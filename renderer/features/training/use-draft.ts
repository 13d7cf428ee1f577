/** The recipe that is being written: at once on screen, a moment later in the address, then filled in by the engine. */
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import type { FieldProblem, RecipeResolution, RunConfig } from "../../../src/contract/domain/training.ts";
import { useEngine } from "../../client/engine.ts";
import { presetsQuery, resolveQuery } from "../../client/training-queries.ts";
import { useStillHere } from "../../widgets/use-still-here.ts";
import { type Draft, readDraft, valueAt, withLength, withValue, writeDraft } from "./model/recipe.ts";

/** A recipe is resolved when typing has stopped for so long, in milliseconds. */
const resolvePause = 200;

export interface DraftModel {
  draft: Draft;
  /** Undefined takes the preset's value back. */
  set: (field: string, value: unknown) => void;
  replace: (draft: Draft) => void;
  resolution: RecipeResolution | undefined;
  error: unknown;
  /** The newest values that were of the right kinds. */
  config: RunConfig | undefined;
  /** What holds now: set here, or filled in. */
  valueOf: (field: string) => unknown;
  /** Where the value comes from, where that says something: set here, or in a preset that takes values of a paper. */
  sourceOf: (field: string) => FieldSource | undefined;
  problemsOf: (field: string) => FieldProblem[];
  /** The answer is of what is on screen, and nothing keeps it from starting. */
  startable: boolean;
  settled: boolean;
}

export function useDraft(text: string | undefined, write: (text: string | undefined) => void): DraftModel {
  const engine = useEngine();
  const [draft, replace] = useAddressed(text, write);
  const [asked] = useDebouncedValue(draft, resolvePause);
  const answer = useQuery(resolveQuery(engine, asked));
  const resolution = answer.data;
  const config = useNewest(resolution?.config ?? undefined);
  const values = useNewest(resolution?.values);
  const problems = resolution?.problems ?? noProblems;
  const settled = asked === draft && !answer.isPlaceholderData && !answer.isFetching;
  const set = useCallback(
    (field: string, value: unknown) =>
      replace((before) =>
        field === "epochs" || field === "max_steps"
          ? withLength(before, field, value)
          : withValue(before, field, value),
      ),
    [replace],
  );
  return {
    draft,
    set,
    replace,
    resolution,
    error: answer.error,
    config,
    valueOf: (field) => {
      const own = valueAt(draft, field);
      return own === undefined ? valueAt(values, field) : own;
    },
    sourceOf: (field) => tellingSource(resolution?.sources, field),
    problemsOf: (field) => problems.filter((found) => found.field === field || found.field.startsWith(`${field}.`)),
    settled,
    startable: settled && resolution?.config != null && problems.every(({ level }) => level !== "error"),
  };
}

export type FieldSource = RecipeResolution["sources"][string];

/** What every user names for themselves is nobody's value. */
const ownFields: ReadonlySet<string> = new Set(["base.path", "data.files", "eval.tasks"]);

/** Beside values of a paper, ours must not look like the paper's; elsewhere only what was set here is worth a word. */
function tellingSource(sources: RecipeResolution["sources"] | undefined, field: string): FieldSource | undefined {
  const source = sources?.[field];
  if (source === undefined || source === "recipe") return source;
  if (ownFields.has(field)) return undefined;
  return Object.values(sources ?? {}).includes("paper") ? source : undefined;
}

const noProblems: readonly FieldProblem[] = [];

function useNewest<T>(value: T | undefined): T | undefined {
  const newest = useRef<T>(undefined);
  if (value !== undefined) newest.current = value;
  return newest.current;
}

/** State that follows the address and is written there when typing pauses. */
function useAddressed(text: string | undefined, write: (text: string | undefined) => void) {
  const engine = useEngine();
  const isStillHere = useStillHere();
  const { data: presets } = useQuery(presetsQuery(engine));
  const [draft, setDraft] = useState(() => readDraft(text));
  const written = useRef(text);
  const [settled] = useDebouncedValue(draft, resolvePause);
  useEffect(() => {
    const next = writeDraft(settled);
    if (next === written.current || !isStillHere()) return;
    written.current = next;
    write(next);
  }, [settled, write, isStillHere]);
  // Back, forward and links change the address from outside.
  useEffect(() => {
    if (text === written.current) return;
    written.current = text;
    setDraft(readDraft(text));
  }, [text]);
  const first = presets?.find(({ name }) => name === firstPreset) ?? presets?.[0];
  const started = text !== undefined || Object.keys(draft).length > 0;
  useEffect(() => {
    if (!started && first) setDraft({ preset: first.name });
  }, [started, first]);
  return [draft, setDraft] as const;
}

/** The one that runs on any machine. */
const firstPreset = "quick-demo";
