/**
 * Lines of the trainer's standard output as events. Whatever arrives, nothing is thrown: what is no line of the
 * protocol becomes a warning, and what is unknown is passed over, as trainer/PROTOCOL.md asks of readers.
 */
import { type TrainerEvent, trainerEvent } from "../../contract/domain/training.ts";
import { DeltaScopeError } from "../../contract/errors.ts";
import { parsedJson } from "../../contract/json.ts";
import { quote } from "../source/quote.ts";

/** The version of the protocol that this reader knows. */
export const protocolVersion = 1;
/** The trainer promises shorter lines; more of one line is not kept in memory. */
export const longestLine = 64 * 1024;
/** A library that prints to standard output would fill the log; the last warning says how many more there were. */
const mostWarnings = 20;
const newline = 0x0a;

export interface LineReader {
  /** Events of the lines that `chunk` completes. */
  push(chunk: Uint8Array): TrainerEvent[];
  /** Events of what stands after the last line end, and the count of unreported lines. */
  end(): TrainerEvent[];
  /** Set once the trainer said that it speaks a newer protocol; nothing is read from then on. */
  refusal(): DeltaScopeError | undefined;
}

/** @param before number of the line before the first one */
export function createLineReader(now: () => number = Date.now, before: number | "unknown" = 0): LineReader {
  const lines = createLineSplitter();
  const seq = before === "unknown" ? undefined : before;
  const state: ReaderState = { seq, unreported: 0, warnings: 0, refusal: undefined, now };
  return {
    push: (chunk) => lines.push(chunk).flatMap((line) => readLine(state, line)),
    end: () => [...lines.end().flatMap((line) => readLine(state, line)), ...unreportedLines(state)],
    refusal: () => state.refusal,
  };
}

interface ReaderState {
  /** Of the last line that had one. */
  seq: number | undefined;
  warnings: number;
  unreported: number;
  refusal: DeltaScopeError | undefined;
  now: () => number;
}

/** undefined stands for a line that was too long to keep. */
type Line = string | undefined;

function readLine(state: ReaderState, line: Line): TrainerEvent[] {
  if (state.refusal !== undefined || line?.trim() === "") return [];
  if (line === undefined) return warn(state, "protocol.line", `A line of more than ${longestLine} bytes was left out.`);
  const value = parseObject(line);
  if (value === undefined) {
    return warn(state, "protocol.line", `Not a line of the protocol: ${quote(line.slice(0, 200))}.`);
  }
  if (value.type === "hello" && isNewer(value)) return refuse(state, value);
  return [...noticeGap(state, value), ...readEvent(state, value)];
}

function readEvent(state: ReaderState, value: Record<string, unknown>): TrainerEvent[] {
  const parsed = trainerEvent.safeParse(value);
  if (parsed.success) return [parsed.data];
  if (!knownTypes.has(String(value.type))) return [];
  const [issue] = parsed.error.issues;
  const what = `${issue?.path.map(String).join(".")}: ${issue?.message}`;
  return warn(state, "protocol.fields", `A line ${quote(String(value.type))} does not fit the protocol. ${what}`);
}

const knownTypes: ReadonlySet<string> = new Set(trainerEvent.options.map(({ shape }) => shape.type.value));

function parseObject(line: string): Record<string, unknown> | undefined {
  const value = parsedJson(line);
  const isLine = typeof value === "object" && value !== null && Object.hasOwn(value, "type");
  return isLine ? (value as Record<string, unknown>) : undefined;
}

function isNewer({ v, protocol }: Record<string, unknown>): boolean {
  return [v, protocol].some((version) => typeof version === "number" && version > protocolVersion);
}

function refuse(state: ReaderState, { protocol, v, version }: Record<string, unknown>): TrainerEvent[] {
  const spoken = typeof protocol === "number" ? protocol : Number(v);
  const name = typeof version === "string" ? ` ${quote(version.slice(0, 40))}` : "";
  const message = `The trainer${name} speaks protocol ${spoken}; this program knows ${protocolVersion}.`;
  state.refusal = new DeltaScopeError("protocol.version", message);
  return [];
}

/** A line that went missing may have held the loss of a step; the history would be silently incomplete. */
function noticeGap(state: ReaderState, { seq }: Record<string, unknown>): TrainerEvent[] {
  if (typeof seq !== "number" || !Number.isInteger(seq)) return [];
  const expected = (state.seq ?? seq - 1) + 1;
  state.seq = seq;
  if (seq === expected) return [];
  return warn(state, "protocol.gap", `Line ${expected} was expected, line ${seq} came.`);
}

function warn(state: ReaderState, code: string, message: string): TrainerEvent[] {
  state.warnings += 1;
  if (state.warnings <= mostWarnings)
    return [readerWarning(code, message, { seq: state.seq ?? 0, t: state.now() / 1000 })];
  state.unreported += 1;
  return [];
}

function unreportedLines(state: ReaderState): TrainerEvent[] {
  if (state.unreported === 0) return [];
  const message = `${state.unreported} more lines were not of the protocol.`;
  state.unreported = 0;
  return [readerWarning("protocol.line", message, { seq: state.seq ?? 0, t: state.now() / 1000 })];
}

/** A warning of this side, with the number of the trainer's last line. */
export function readerWarning(code: string, message: string, at: { seq: number; t: number }): TrainerEvent {
  return { v: protocolVersion, ...at, type: "warning", code, message };
}

interface LineSplitter {
  push(chunk: Uint8Array): Line[];
  end(): Line[];
}

/** Splits bytes at line ends; of a line that grows beyond the limit only the fact is kept. */
function createLineSplitter(): LineSplitter {
  let parts: Uint8Array[] = [];
  let length = 0;
  const keep = (piece: Uint8Array): void => {
    length += piece.length;
    if (length <= longestLine) parts.push(piece);
    else parts = [];
  };
  const take = (): Line => {
    const line = length <= longestLine ? Buffer.concat(parts).toString("utf8") : undefined;
    parts = [];
    length = 0;
    return line;
  };
  return {
    push(chunk) {
      const lines: Line[] = [];
      let start = 0;
      for (let at = chunk.indexOf(newline); at !== -1; at = chunk.indexOf(newline, start)) {
        keep(chunk.subarray(start, at));
        lines.push(take());
        start = at + 1;
      }
      keep(chunk.subarray(start));
      return lines;
    },
    end: () => (length === 0 ? [] : [take()]),
  };
}
