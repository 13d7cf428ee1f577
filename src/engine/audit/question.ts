/** Opens what an audit asks about: its tasks, one that cannot be read beside the others. */
import type { Alert } from "../../contract/alerts.ts";
import type { AuditDocument, AuditSpec } from "../../contract/domain/audit.ts";
import { DeltaScopeError, type ErrorDocument, toDeltaScopeError } from "../../contract/errors.ts";
import type { Task } from "../evaluation/tasks/task.ts";
import type { ScoringQuestion } from "./scoring.ts";
import type { AuditServices } from "./services.ts";
import type { AuditVariant } from "./variants.ts";

export interface OpenedAudit {
  spec: AuditSpec;
  base: { path: string; fingerprint: string };
  tasks: Task[];
  failures: AuditDocument["failures"];
  alerts: Alert[];
  threads: number;
}

/** @throws DeltaScopeError when the base cannot be opened, no task can be read, or two share a name */
export async function openAudit(spec: AuditSpec, services: AuditServices): Promise<OpenedAudit> {
  refuseTwins(spec);
  const base = await services.weights.base(spec.base);
  const opened: OpenedAudit = {
    spec,
    base,
    tasks: [],
    failures: [],
    alerts: [],
    threads: spec.threads ?? services.threads,
  };
  for (const task of spec.tasks) {
    try {
      const read = await services.readTask(task, spec.settings);
      opened.tasks.push(read);
      opened.alerts.push(...read.alerts);
    } catch (thrown) {
      opened.failures.push({ label: task.name, path: task.file, error: toDeltaScopeError(thrown).toDocument() });
    }
  }
  const [first] = opened.failures;
  if (opened.tasks.length === 0 && first) throw asError(first.error, first.path);
  return opened;
}

/** Rows are named by label and task. */
function refuseTwins({ tasks, tuned }: AuditSpec): void {
  const twin = (names: readonly string[]) => names.find((name, place) => names.indexOf(name) !== place);
  const task = twin(tasks.map(({ name }) => name));
  if (task !== undefined) throw new DeltaScopeError("request.invalid", `Two tasks are called "${task}".`, task);
  const label = twin(tuned.map((run) => run.label));
  if (label !== undefined) throw new DeltaScopeError("request.invalid", `Two runs are called "${label}".`, label);
}

function asError({ code, message, where }: ErrorDocument, path: string): DeltaScopeError {
  return new DeltaScopeError(code, message, where ?? path);
}

/** One variant asked about all tasks. */
export function questionOf({ tasks, spec, threads }: OpenedAudit, variant: AuditVariant): ScoringQuestion {
  return { variant, tasks, settings: spec.settings, threads };
}
