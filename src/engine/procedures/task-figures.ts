/** The figures of tasks from the events of one scoring. */
import type { EvaluationEvent } from "../../contract/api.ts";
import { DeltaScopeError } from "../../contract/errors.ts";

/**
 * In the order of the tasks. A task whose items cannot be scored has no figure, and nobody takes that for none right.
 * @throws DeltaScopeError why a task has no figure
 */
export async function taskFigures(
  events: AsyncIterable<EvaluationEvent>,
  tasks: readonly { name: string; file: string }[],
): Promise<number[]> {
  const figures = new Map<string, number>();
  for await (const event of events) {
    if (event.type === "run-failed") throw new DeltaScopeError(event.error.code, event.error.message, event.path);
    if (event.type === "alert" && event.alert.code === "task.items-failed") {
      throw new DeltaScopeError("task.invalid", event.alert.message, event.alert.where);
    }
    if (event.type === "scored") figures.set(event.task, event.value);
  }
  return tasks.map(({ name, file }) => {
    const figure = figures.get(name);
    if (figure === undefined) throw new DeltaScopeError("task.invalid", `${file} was not scored.`, file);
    return figure;
  });
}
