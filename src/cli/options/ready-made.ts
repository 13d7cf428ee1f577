/** Which of the named tasks are ready-made ones: `boolq=FILE`, or just `boolq` where its data is on this machine. */
import type { KnownTask } from "../../contract/api.ts";
import type { TaskSpec } from "../../contract/domain/evaluation.ts";
import { DeltaScopeError } from "../../contract/errors.ts";

/**
 * @param isThere whether a path exists
 * @throws DeltaScopeError `task.data-missing` with the repository that publishes the data
 */
export function withReadyMade(
  tasks: readonly TaskSpec[],
  known: readonly KnownTask[],
  isThere: (path: string) => boolean,
): TaskSpec[] {
  const byName = new Map(known.map((task) => [task.name, task]));
  return tasks.map((task) => {
    if (task.definition !== undefined) return task;
    const found = byName.get(task.file) ?? byName.get(task.name);
    if (found === undefined) return task;
    if (!isThere(task.file)) return task.file === found.name ? named(task, found) : task;
    return found.definition !== null && isPublicData(task) ? { ...task, definition: found.definition } : task;
  });
}

/** Items of our own are JSON lines; such a file that is called boolq.jsonl itself was not said to be the public one. */
function isPublicData({ name, file }: TaskSpec): boolean {
  const [, stem, ending = ""] = /([^\\/]*?)(?:\.([A-Za-z0-9]+))?$/.exec(file) ?? [];
  return stem !== name || !/^(jsonl|json|ndjson)$/i.test(ending);
}

/** Named without a file: the one that the engine found. */
function named(task: TaskSpec, { name, definition, file, repository }: KnownTask): TaskSpec {
  if (file !== null) return { ...task, file, ...(definition === null ? {} : { definition }) };
  const from =
    repository === null
      ? ""
      : ` Bring it with: deltascope download datasets/${repository}, or name its file: ${name}=FILE.`;
  throw new DeltaScopeError("task.data-missing", `The data of ${name} is not on this machine.${from}`, name);
}
