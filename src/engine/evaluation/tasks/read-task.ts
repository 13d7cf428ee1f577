/** From what was asked for to a task: items of a file, or of a ready-made task's public data. */
import { createHash } from "node:crypto";
import { type Alert, makeAlert } from "../../../contract/alerts.ts";
import type { ChoiceItem, EvaluationSettings, TaskSpec, TextItem } from "../../../contract/domain/evaluation.ts";
import { DeltaScopeError } from "../../../contract/errors.ts";
import { readDefinedItems } from "./defined-items.ts";
import { findDefinition } from "./definitions/registry.ts";
import { type Attempt, readItems } from "./item-file.ts";
import { sampleItems } from "./sample.ts";
import type { ItemFault, Metric, Task } from "./task.ts";

type Item = ChoiceItem | TextItem;

/** With more bad items than this the file is not what it was taken for. */
const BAD_SHARE_MAXIMUM = 0.2;

/**
 * Reads a task and draws its sample. Bad items stand in `errors`; the rest goes on.
 * Throws `task.unknown`, `task.data-missing`, `task.too-large`, `task.invalid` (no items, or too many bad ones, naming
 * the first), `source.not-found` and `source.unreadable`.
 */
export async function readTask(spec: TaskSpec, settings: Pick<EvaluationSettings, "limit" | "seed">): Promise<Task> {
  const definition = spec.definition === undefined ? undefined : findDefinition(spec.definition);
  const source = definition === undefined ? readItems(spec.file) : readDefinedItems(definition, spec.file);
  const { items, places, errors } = await collect(source);
  refuseUnfit(spec, items, errors);
  const contents = items.map((item) => JSON.stringify(item));
  const chosen = sampleItems(contents, settings.limit, settings.seed);
  const common = {
    spec,
    indices: chosen.map((place) => places[place] as number),
    fingerprint: fingerprintOf(contents, places),
    alerts: [
      ...failedAlert(spec, items, errors),
      ...duplicateAlert(
        spec,
        chosen.map((place) => contents[place] as string),
      ),
    ],
    errors,
  };
  const picked = chosen.map((place) => items[place] as Item);
  const metric: Metric = definition?.metric ?? (isChoice(picked[0]) ? "acc" : "bits_per_byte");
  return isChoice(picked[0])
    ? { ...common, kind: "choice", metric, items: picked as ChoiceItem[] }
    : { ...common, kind: "text", metric, items: picked as TextItem[] };
}

function isChoice(item: Item | undefined): item is ChoiceItem {
  return item !== undefined && "choices" in item;
}

interface Collected {
  items: Item[];
  places: number[];
  errors: ItemFault[];
}

/** All items must be of the kind of the first one. */
async function collect(source: AsyncIterable<Attempt<Item>>): Promise<Collected> {
  const collected: Collected = { items: [], places: [], errors: [] };
  for await (const { index, item, fault } of source) {
    const first = collected.items[0] ?? item;
    if (fault !== undefined) collected.errors.push({ index, error: fault.toDocument() });
    else if (isChoice(first) !== isChoice(item)) collected.errors.push({ index, error: mixed(index) });
    else {
      collected.items.push(item);
      collected.places.push(index);
    }
  }
  return collected;
}

function mixed(index: number): ItemFault["error"] {
  const message = `Item ${index + 1} is of another kind than the first one: choices and texts do not mix in a file.`;
  return new DeltaScopeError("task.invalid", message).toDocument();
}

function refuseUnfit({ file }: TaskSpec, items: Item[], errors: ItemFault[]): void {
  const all = items.length + errors.length;
  if (all === 0) throw new DeltaScopeError("task.invalid", `${file} holds no items.`, file);
  if (errors.length <= all * BAD_SHARE_MAXIMUM) return;
  const message = `${errors.length} of ${all} items cannot be used; the first: ${errors[0]?.error.message}`;
  throw new DeltaScopeError("task.invalid", message, errors[0]?.error.where ?? file);
}

function fingerprintOf(contents: readonly string[], places: readonly number[]): string {
  const hash = createHash("sha256");
  for (const [index, content] of contents.entries()) hash.update(`${places[index]}\0${content}\n`);
  return hash.digest("hex");
}

function failedAlert({ name, file }: TaskSpec, items: Item[], errors: ItemFault[]): Alert[] {
  if (errors.length === 0) return [];
  const message = `${name}: ${errors.length} of ${items.length + errors.length} items cannot be used; the first: ${errors[0]?.error.message}`;
  return [makeAlert("task.items-failed", message, file)];
}

function duplicateAlert({ name, file }: TaskSpec, contents: string[]): Alert[] {
  const copies = contents.length - new Set(contents).size;
  if (copies === 0) return [];
  return [makeAlert("task.items-duplicated", `${name}: ${copies} of ${contents.length} items are copies.`, file)];
}
