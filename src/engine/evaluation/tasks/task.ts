/** A task as it is scored: its items, where they stand in the file, and what was wrong with the others. */
import type { Alert } from "../../../contract/alerts.ts";
import type { ChoiceItem, TaskSpec, TextItem } from "../../../contract/domain/evaluation.ts";
import type { ErrorDocument } from "../../../contract/errors.ts";

/** The figure that speaks for a task; lm-evaluation-harness prints the others beside it. */
export type Metric = "acc" | "acc_norm" | "bits_per_byte";

/** An item that cannot be scored; `index` is its place in the file, from 0. */
export interface ItemFault {
  index: number;
  error: ErrorDocument;
}

interface Common {
  spec: TaskSpec;
  /** Places in the file of the chosen items, rising. */
  indices: number[];
  /** Of all items of the file, chosen or not: another sample of the same file answers from the same store. */
  fingerprint: string;
  metric: Metric;
  alerts: Alert[];
  errors: ItemFault[];
}

export interface ChoiceTask extends Common {
  kind: "choice";
  items: ChoiceItem[];
}

export interface TextTask extends Common {
  kind: "text";
  items: TextItem[];
}

export type Task = ChoiceTask | TextTask;
