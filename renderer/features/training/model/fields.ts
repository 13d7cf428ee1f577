/** The fields of a recipe as people type them: names, units, choices, and text to value and back. */
import type { RunConfig } from "../../../../src/contract/domain/training.ts";
import type { GlossaryName } from "../../../widgets/glossary.ts";

export interface FieldEntry {
  /** Dotted: "lora.rank". */
  field: string;
  label: string;
  kind: "number" | "share" | "text" | "words" | "alpha" | "choice";
  /** For choices; an empty value is the preset's. */
  options?: readonly { value: string; label: string }[];
  unit?: string;
  term?: GlossaryName;
  /** Said where nothing is set and the value is null: "all". */
  absent?: string;
  /** Shown only for some methods. */
  when?: (method: unknown) => boolean;
}

const isAdapter = (method: unknown) => method !== "full";
const option = (value: string, label = value) => ({ value, label });

export const methodNames: Record<RunConfig["method"], string> = {
  full: "Full",
  lora: "LoRA",
  rslora: "rsLoRA",
  dora: "DoRA",
  pissa: "PiSSA",
  olora: "OLoRA",
  qlora: "QLoRA",
  "lora+": "LoRA+",
};

export const adapterFields: readonly FieldEntry[] = [
  { field: "lora.rank", label: "Rank r", kind: "number", term: "lora", when: isAdapter },
  { field: "lora.alpha", label: "α", kind: "alpha", term: "lora", when: isAdapter },
  { field: "lora.dropout", label: "Dropout", kind: "number", when: isAdapter },
  { field: "lora.targets", label: "Targets", kind: "words", when: isAdapter },
  {
    ...{ field: "lora.init", label: "Start", kind: "choice", when: (method) => method === "lora" },
    options: ["default", "orthogonal"].map((value) => option(value)),
  },
  {
    field: "lora.plus_ratio",
    label: "B learns faster",
    kind: "number",
    unit: "×",
    when: (method) => method === "lora+",
  },
];

export const dataFields: readonly FieldEntry[] = [
  {
    ...{ field: "data.template", label: "Template", kind: "choice" },
    options: [
      option("alpaca", "Alpaca"),
      option("alpaca_short", "Alpaca, short"),
      option("chat", "chat"),
      option("none"),
    ],
  },
  {
    ...{ field: "data.loss_on", label: "Train on", kind: "choice" },
    options: [option("answer", "the answer"), option("all", "everything")],
  },
  { field: "data.subset", label: "Use", kind: "number", unit: "rows", absent: "all" },
  { field: "data.noise", label: "Label noise", kind: "share", unit: "%", term: "label noise" },
  { field: "data.validation", label: "Hold out", kind: "share", unit: "%" },
  { field: "data.cutoff", label: "Length", kind: "number", unit: "tokens" },
  {
    ...{ field: "data.overlong", label: "Longer rows", kind: "choice" },
    options: [option("cut_prompt_left", "cut the prompt"), option("drop", "leave out"), option("error", "stop")],
  },
  { field: "data.labels", label: "Labels", kind: "words", absent: "any answer" },
];

export const optimiserFields: readonly FieldEntry[] = [
  { field: "learning_rate", label: "Learning rate", kind: "number" },
  {
    field: "schedule",
    label: "Schedule",
    kind: "choice",
    options: ["cosine", "linear", "constant"].map((v) => option(v)),
  },
  { field: "warmup", label: "Warm-up", kind: "share", unit: "%" },
  { field: "weight_decay", label: "Weight decay", kind: "number" },
  { field: "epochs", label: "Epochs", kind: "number", absent: "by steps" },
  { field: "max_steps", label: "or steps", kind: "number", absent: "by epochs" },
  { field: "batch.effective", label: "Batch", kind: "number" },
  { field: "batch.device", label: "at a time", kind: "text" },
  { field: "seed", label: "Seed", kind: "number" },
  {
    ...{ field: "precision", label: "Precision", kind: "choice" },
    options: ["bf16", "fp16", "fp32"].map((value) => option(value)),
  },
  { field: "clip", label: "Clip at norm", kind: "number", absent: "off" },
  { field: "optimizer", label: "Optimiser", kind: "choice", options: [option("adamw", "AdamW"), option("sgd", "SGD")] },
];

export const savingFields: readonly FieldEntry[] = [
  { field: "save.every", label: "Save every", kind: "number", unit: "steps", absent: "at the end" },
  { field: "save.keep", label: "Keep", kind: "text" },
  { field: "eval.every", label: "Evaluate every", kind: "number", unit: "steps", absent: "at the end" },
];

/** Asked for where several devices train together. */
export const shardingField: FieldEntry = {
  ...{ field: "sharding", label: "Model on the devices", kind: "choice" },
  options: [
    option("auto", "divided if it must be"),
    option("none", "whole on each"),
    option("full", "divided among them"),
  ],
};

/** Fields with a control of their own, for messages that belong to no other place. */
export const shownFields: readonly string[] = [
  ...["base.path", "method", "data.files", "eval.tasks", "name", "device", "sharding"],
  ...[...adapterFields, ...dataFields, ...optimiserFields, ...savingFields].map(({ field }) => field),
];

/** A number as it can be typed again: 2e−4, 0.01, 32. */
function numberText(value: number): string {
  const small = value !== 0 && Math.abs(value) < 0.01;
  const text = small ? value.toExponential() : String(Number(value.toPrecision(12)));
  return text.replaceAll("-", "−");
}

/** What the field shows for a value. */
export function textOf({ kind }: FieldEntry, value: unknown): string {
  if (value === undefined || value === null) return "";
  if (kind === "alpha" && typeof value === "object") return `${numberText(ratioOf(value))} × r`;
  if (Array.isArray(value)) return value.join(", ");
  if (typeof value !== "number") return String(value);
  return numberText(kind === "share" ? value * 100 : value);
}

function ratioOf(value: object): number {
  const ratio = (value as { ratio?: unknown }).ratio;
  return typeof ratio === "number" ? ratio : 0;
}

/** What a typed text means; text that is no number stays text, and the engine says so under the field. */
export function typedValue({ kind, field }: FieldEntry, text: string): unknown {
  const typed = text.trim();
  if (typed === "") return undefined;
  if (kind === "words") return wordsOf(field, typed);
  if (kind === "alpha") return alphaOf(typed);
  if (kind === "choice") return typed;
  const number = numberOf(typed);
  if (number === undefined) return typed;
  return kind === "share" ? Number((number / 100).toPrecision(12)) : number;
}

function wordsOf(field: string, typed: string): unknown {
  if (field === "lora.targets" && /^all[- ]linear$/.test(typed)) return "all-linear";
  return typed
    .split(",")
    .map((word) => word.trim())
    .filter((word) => word !== "");
}

/** "32", or "2 × r". */
function alphaOf(typed: string): unknown {
  const ratio = /^([\d.,]{1,12})\s{0,4}[×x*]?\s{0,4}r$/i.exec(typed)?.[1];
  if (ratio === undefined) return numberOf(typed) ?? typed;
  return { ratio: numberOf(ratio) ?? ratio };
}

function numberOf(typed: string): number | undefined {
  const number = Number(typed.replaceAll("−", "-").replace(",", "."));
  return Number.isFinite(number) ? number : undefined;
}
