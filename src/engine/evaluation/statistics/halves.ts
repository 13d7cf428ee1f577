/** Two halves of a task's items: one may choose (a best λ), the other reports, so that luck is not counted twice. */
import { createHash } from "node:crypto";

export type Half = "choosing" | "reporting";

/** By a hash of the item's place and task, or of its group: stable whatever else is asked. */
export function halfOf(task: string, item: { index: number; group: string | undefined }): Half {
  const name = item.group === undefined ? `item ${item.index}` : `group ${item.group}`;
  const [first = 0] = createHash("sha256").update(`${task}\n${name}`).digest();
  return first % 2 === 0 ? "choosing" : "reporting";
}
