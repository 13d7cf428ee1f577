/** How a trainer ended, from its last line, its exit code or the signal that ended it. */
import type { TrainerEvent } from "../../contract/domain/training.ts";
import { DeltaScopeError, type ErrorCode } from "../../contract/errors.ts";
import { quote } from "../source/quote.ts";
import { lastWords } from "./ask-program.ts";

export interface Ending {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** The line that says how it ended; a killed trainer sends none. */
  last: FinalEvent | undefined;
  /** Why this side ended it: a newer protocol, or no sign of life. */
  refusal: DeltaScopeError | undefined;
  /** It was asked to stop. */
  requested: boolean;
  /** The last lines of standard error. */
  tail: readonly string[];
  runFolder: string;
}

export type FinalEvent = Extract<TrainerEvent, { type: "done" | "cancelled" | "error" }>;
type ErrorEvent = Extract<TrainerEvent, { type: "error" }>;

export interface Outcome {
  state: "finished" | "cancelled" | "failed";
  error: DeltaScopeError | undefined;
}

export function isFinal(event: TrainerEvent): event is FinalEvent {
  return event.type === "done" || event.type === "cancelled" || event.type === "error";
}

export function outcomeOf(ending: Ending): Outcome {
  const { last, refusal } = ending;
  if (last?.type === "done") return { state: "finished", error: undefined };
  if (refusal) return { state: "failed", error: refusal };
  if (last?.type === "error") return { state: "failed", error: reportedError(last, ending.runFolder) };
  if (last?.type === "cancelled" || ending.requested) return { state: "cancelled", error: undefined };
  return { state: "failed", error: silentEnd(ending) };
}

/** Codes of the trainer by their beginning. */
const codes: readonly (readonly [string, ErrorCode])[] = [
  ["config.", "trainer.config"],
  ["run.exists", "trainer.run-exists"],
  ["env.", "trainer.environment"],
  ["data.", "trainer.data"],
  ["model.", "trainer.model"],
  ["oom.", "trainer.out-of-memory"],
  ["non_finite", "trainer.not-finite"],
  ["disk.", "trainer.disk"],
  ["checkpoint.", "trainer.checkpoint"],
  ["process.", "trainer.killed"],
];

/** An error that the trainer reported, as one of the closed list, with its rows or fields in words. */
export function reportedError({ code, message, details }: ErrorEvent, where: string): DeltaScopeError {
  const known = codes.find(([beginning]) => code.startsWith(beginning))?.[1] ?? "trainer.exited";
  const sentence = [message, ...placesIn(details)].join(" ").slice(0, longestMessage);
  return new DeltaScopeError(known, sentence, where);
}

const longestMessage = 2000;
/** A card shows a few; the log holds the others. */
const shownPlaces = 5;

/** `details.fields` and `details.rows` of the protocol, whatever else may stand in their place. */
function placesIn(details: unknown): string[] {
  const fields = listIn(details, "fields").map((entry) => `${textOf(entry, "field")}: ${textOf(entry, "message")}`);
  const alike = Map.groupBy(listIn(details, "rows"), (entry) =>
    JSON.stringify([textOf(entry, "file"), textOf(entry, "message")]),
  );
  const all = [...fields, ...[...alike.values()].map(rowsText)];
  if (all.length === 0) return [];
  const more = all.length > shownPlaces ? ` and ${all.length - shownPlaces} more` : "";
  return [`(${all.slice(0, shownPlaces).join("; ")}${more})`];
}

/** Rows of one file with one fault: `"a.csv", rows 2, 3: no output`. Of a table's file rows are counted. */
function rowsText(entries: readonly unknown[]): string {
  const [first] = entries;
  const unit = valueIn(first, "unit") === "row" ? "row" : "line";
  const places = entries.map((entry) => textOf(entry, "line")).join(", ");
  return `${quote(textOf(first, "file"))}, ${unit}${entries.length === 1 ? "" : "s"} ${places}: ${textOf(first, "message")}`;
}

function listIn(value: unknown, key: string): unknown[] {
  const list = valueIn(value, key);
  return Array.isArray(list) ? list : [];
}

function textOf(value: unknown, key: string): string {
  const text = valueIn(value, key);
  return typeof text === "string" || typeof text === "number" ? String(text) : "?";
}

function valueIn(value: unknown, key: string): unknown {
  const holds = typeof value === "object" && value !== null && Object.hasOwn(value, key);
  return holds ? (value as Record<string, unknown>)[key] : undefined;
}

/** Exit codes of the protocol; 1 and 2 are Python's own. */
const exitCodes: ReadonlyMap<number, ErrorCode> = new Map([
  [11, "trainer.config"],
  [12, "trainer.environment"],
  [13, "trainer.data"],
  [14, "trainer.out-of-memory"],
  [15, "trainer.not-finite"],
  [16, "trainer.disk"],
  [17, "trainer.checkpoint"],
  [18, "trainer.killed"],
]);

function silentEnd({ code, signal, tail, runFolder }: Ending): DeltaScopeError {
  const words = lastWords(tail.join("\n"));
  const said = words === "" ? "" : ` Its last words: ${quote(words)}.`;
  if (signal !== null) {
    return new DeltaScopeError("trainer.killed", `The trainer was ended by ${signal}.${said}`, runFolder);
  }
  if (code === null) {
    const message = `The trainer ended without a last line while nobody watched it.${said}`;
    return new DeltaScopeError("trainer.killed", message, runFolder);
  }
  const known = exitCodes.get(code) ?? "trainer.exited";
  return new DeltaScopeError(known, `The trainer ended with exit code ${code} and no last line.${said}`, runFolder);
}
