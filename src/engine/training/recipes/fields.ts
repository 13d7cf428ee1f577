/** The fields of a recipe by their dotted names, and the nearest one to a name that is none. */
import { z } from "zod";
import { recipeFile } from "../../../contract/domain/training.ts";
import { isObject, type JsonObject, own } from "../../source/read-json.ts";

/** Tables of people's own making, taken as they are. */
const whole = new Set(["sources", "rates"]);

/** Every field that holds a value rather than more fields. `data.files` and `lora.alpha` are single values here. */
export const valueFields: readonly string[] = leavesOf(recipeFile, "");

function leavesOf(schema: z.ZodObject, above: string): string[] {
  return Object.entries(schema.shape).flatMap(([name, field]) => {
    const inner = withoutOptional(field as z.ZodType);
    const dotted = above === "" ? name : `${above}.${name}`;
    return inner instanceof z.ZodObject && !whole.has(dotted) ? leavesOf(inner, dotted) : [dotted];
  });
}

function withoutOptional(schema: z.ZodType): z.ZodType {
  return schema instanceof z.ZodOptional ? withoutOptional(schema.unwrap() as z.ZodType) : schema;
}

/** The value at a dotted field; undefined where it is absent. */
export function valueAt(values: JsonObject, field: string): unknown {
  return field.split(".").reduce<unknown>((value, name) => (isObject(value) ? own(value, name) : undefined), values);
}

/** A copy with the value at a dotted field replaced. */
export function withValueAt(values: JsonObject, field: string, value: unknown): JsonObject {
  const [name = "", ...rest] = field.split(".");
  if (rest.length === 0) return { ...values, [name]: value };
  const inner = own(values, name);
  return { ...values, [name]: withValueAt(isObject(inner) ? inner : {}, rest.join("."), value) };
}

/** What people call things elsewhere. */
const elsewhere: ReadonlyMap<string, string> = new Map([
  ["lr", "learning_rate"],
  ["r", "lora.rank"],
  ["lora_r", "lora.rank"],
  ["lora_alpha", "lora.alpha"],
  ["target_modules", "lora.targets"],
  ["batch_size", "batch.effective"],
  ["per_device_train_batch_size", "batch.device"],
  ["num_train_epochs", "epochs"],
  ["max_length", "data.cutoff"],
  ["model", "base.path"],
  ["model_name_or_path", "base.path"],
  ["dataset", "data.files"],
  ["warmup_ratio", "warmup"],
  ["max_grad_norm", "clip"],
  ["bf16", "precision"],
  ["gradient_checkpointing", "activation_checkpointing"],
  ["fsdp", "sharding"],
]);

/** The field that was probably meant, unless none is near. `field` is dotted. */
export function nearestField(field: string): string | undefined {
  const name = lastPart(field);
  const known = elsewhere.get(name);
  if (known !== undefined) return known;
  const all = [...valueFields, ...groups];
  return nearest(name, all, (candidate) => Math.min(distance(name, lastPart(candidate)), distance(field, candidate)));
}

const groups = [
  ...new Set(valueFields.filter((field) => field.includes(".")).map((field) => field.split(".")[0] ?? "")),
];

/** The nearest of some names, where it differs in at most a third of its letters. */
export function nearestName(name: string, candidates: readonly string[]): string | undefined {
  return nearest(name, candidates, (candidate) => distance(name, candidate));
}

function nearest(
  name: string,
  candidates: readonly string[],
  farFrom: (candidate: string) => number,
): string | undefined {
  const ranked = candidates
    .map((candidate) => ({ candidate, far: farFrom(candidate) }))
    .sort((a, b) => a.far - b.far || a.candidate.length - b.candidate.length);
  const best = ranked[0];
  return best !== undefined && best.far <= Math.max(1, Math.floor(name.length / 3)) ? best.candidate : undefined;
}

function lastPart(field: string): string {
  return field.slice(field.lastIndexOf(".") + 1);
}

/** Names longer than any field are near to none. */
const longestCompared = 60;

/** Changes of one letter, or of two that changed places, to get from one to the other; capitals and hyphens aside. */
function distance(first: string, second: string): number {
  const [a, b] = [plainName(first), plainName(second)];
  const rows = [Array.from({ length: b.length + 1 }, (_, index) => index)];
  const at = (i: number, j: number): number => rows[i]?.[j] ?? 0;
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    rows.push(row);
    for (let j = 1; j <= b.length; j++) {
      const change = at(i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swaps = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row.push(Math.min(change, at(i - 1, j) + 1, at(i, j - 1) + 1, swaps ? at(i - 2, j - 2) + 1 : change));
    }
  }
  return at(a.length, b.length);
}

function plainName(name: string): string {
  return name.slice(0, longestCompared).toLowerCase().replaceAll("-", "_");
}
