/** Items to requests, as lm-evaluation-harness 0.4.13 makes them. */
import { setImmediate } from "node:timers/promises";
import { type Alert, makeAlert } from "../../contract/alerts.ts";
import type { ChoiceItem, TextItem } from "../../contract/domain/evaluation.ts";
import { DeltaScopeError } from "../../contract/errors.ts";
import { quote } from "../source/quote.ts";
import type { ScoreRequest } from "./request.ts";
import { type EncodedPair, encodePair, findFault, pairRequest, rollingRequests, truncatedTokens } from "./rules.ts";
import type { ChoiceTask, ItemFault, Task } from "./tasks/task.ts";
import type { Vocabulary } from "./tokenizer.ts";

/** Between items the event loop gets its turn after so many milliseconds: a large task takes some seconds. */
const TURN_MILLISECONDS = 20;

export interface RequestSettings {
  /** Tokens of the model's window. */
  maxLength: number;
  chatTemplate: boolean;
}

export interface TaskRequests {
  requests: ScoreRequest[];
  /** Item of each request, as its place in `task.items`; the requests of an item follow each other. */
  owner: number[];
  /** Items that cannot be scored; `index` is the place in the file. */
  errors: ItemFault[];
  alerts: Alert[];
}

/** Throws `tokenizer.invalid` (no usable chat template, a byte without a token) and what `signal` throws. */
export async function requestsOf(
  task: Task,
  vocabulary: Vocabulary,
  settings: RequestSettings,
  signal?: AbortSignal,
): Promise<TaskRequests> {
  const made: TaskRequests = { requests: [], owner: [], errors: [], alerts: [] };
  let truncated = 0;
  let changed = 0;
  let turn = performance.now();
  for (const item of task.items.keys()) {
    const { requests, fault, cut, other } = itemRequests(task, item, vocabulary, settings);
    if (fault !== undefined) made.errors.push({ index: task.indices[item] as number, error: fault.toDocument() });
    truncated += cut ? 1 : 0;
    changed += other ? 1 : 0;
    for (const request of requests) {
      made.requests.push(request);
      made.owner.push(item);
    }
    if (performance.now() - turn < TURN_MILLISECONDS) continue;
    await setImmediate();
    signal?.throwIfAborted();
    turn = performance.now();
  }
  if (made.errors.length > 0) made.alerts.push(faultAlert(task, made.errors));
  if (truncated > 0) made.alerts.push(truncationAlert(task, truncated, settings.maxLength));
  if (changed > 0) made.alerts.push(changeAlert(task, changed));
  return made;
}

interface ItemRequests {
  requests: ScoreRequest[];
  fault: DeltaScopeError | undefined;
  /** A context was longer than the window. */
  cut: boolean;
  /** The model sees another prompt than the context's own tokens. */
  other: boolean;
}

function itemRequests(task: Task, item: number, vocabulary: Vocabulary, settings: RequestSettings): ItemRequests {
  if (task.kind === "choice") return choiceRequests(task, item, vocabulary, settings);
  const { text } = task.items[item] as TextItem;
  const requests = rollingRequests(vocabulary.encode(text), vocabulary.prefix, settings.maxLength);
  return { requests, fault: undefined, cut: false, other: false };
}

function choiceRequests(task: ChoiceTask, place: number, vocabulary: Vocabulary, settings: RequestSettings) {
  const item = task.items[place] as ChoiceItem;
  const encoder = rememberContexts(vocabulary);
  const pairs = pairTexts(item, vocabulary, settings.chatTemplate).map(([context, continuation]) =>
    encodePair(encoder, context, continuation, item.keepSpace),
  );
  const fault = pairFault(task, place, pairs, settings.maxLength);
  if (fault !== undefined) return { requests: [], fault, cut: false, other: false };
  return {
    requests: pairs.map((pair) => pairRequest(pair, settings.maxLength)),
    fault: undefined,
    cut: pairs.some((pair) => truncatedTokens(pair, settings.maxLength) > 0),
    other: pairs.some((pair) => pair.changed),
  };
}

/** All choices of an item share a context, which is then encoded once. */
function rememberContexts(vocabulary: Vocabulary) {
  const known = new Map<string, number[]>();
  const encode = (text: string) => {
    const ids = known.get(text) ?? vocabulary.encode(text);
    known.set(text, ids);
    return ids;
  };
  return { encode, prefix: vocabulary.prefix };
}

/** Context and continuation of each choice. In a chat template the answer begins without the delimiter. */
function pairTexts(item: ChoiceItem, vocabulary: Vocabulary, chat: boolean): [string, string][] {
  const { context, description = "", ending } = item;
  const delimiter = chat ? "" : (item.delimiter ?? " ");
  const shown = (text: string) => (chat ? vocabulary.chat(text, description) : description + text);
  if (ending !== undefined) return item.choices.map((choice) => [shown(context + choice), delimiter + ending]);
  const whole = shown(context);
  return item.choices.map((choice) => [whole, delimiter + choice]);
}

function pairFault(task: Task, place: number, pairs: EncodedPair[], maxLength: number): DeltaScopeError | undefined {
  const { choices } = task.items[place] as ChoiceItem;
  for (const [index, pair] of pairs.entries()) {
    const why = findFault(pair, maxLength);
    if (why === undefined) continue;
    const where = `${task.spec.file}, item ${(task.indices[place] as number) + 1}`;
    const message = `${where}: choice ${index + 1} ${quote(choices[index] as string)} cannot be scored: ${why}.`;
    return new DeltaScopeError("task.invalid", message, where);
  }
  return undefined;
}

function faultAlert({ spec, items }: Task, errors: readonly ItemFault[]): Alert {
  const message = `${spec.name}: ${errors.length} of ${items.length} items cannot be scored; the first: ${errors[0]?.error.message}`;
  return makeAlert("task.items-failed", message, spec.file);
}

function truncationAlert(task: Task, count: number, maxLength: number): Alert {
  const message = `${task.spec.name}: ${count} of ${task.items.length} items are longer than ${maxLength} tokens.`;
  return makeAlert("task.items-truncated", message, task.spec.file);
}

function changeAlert(task: Task, count: number): Alert {
  const items = `${task.spec.name}: in ${count} of ${task.items.length} items`;
  const message = `${items} the end of the prompt and the answer's beginning are one token, so the prompt loses its end.`;
  return makeAlert("task.prompt-changed", message, task.spec.file);
}
