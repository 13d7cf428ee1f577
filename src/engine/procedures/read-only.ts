/** What may be asked of a copy: everything that changes nothing. Procedures that are not named here are refused. */
import { DeltaScopeError } from "../../contract/errors.ts";

const readers: ReadonlySet<string> = new Set([
  ...["inspect", "doctor", "events", "analysis.document", "analysis.export"],
  ...["runs.list", "runs.compare", "runs.all", "runs.rows", "runs.findings", "runs.module", "runs.energyCurves"],
  ...["runs.details", "runs.render", "report.pins.list", "inspector.stored"],
  ...["evaluation.tasks", "evaluation.export", "audit.export", "audit.plan", "audit.stored", "audit.questions"],
  ...["audit.item", "audit.oldTasks"],
  ...[
    "theory.risk",
    "theory.sweep",
    "theory.figure",
    "theory.simulate",
    "theory.export",
    "theory.spectrum",
    "theory.measured",
  ],
  ...["theory.advise", "theory.rankMap", "theory.ask"],
  ...["edits.geometry", "edits.arms", "library.list", "library.browse", "jobs.list"],
  ...["training.presets", "training.environment", "training.resolve", "training.preview", "training.estimate"],
  ...[
    "training.runs",
    "training.run",
    "training.log",
    "training.sweeps",
    "training.sweep",
    "training.readSweep",
    "training.sweepNeeds",
    "training.plan",
    // Asks the trainer, which is no part of the workspace.
    "training.checkpoint",
  ],
  // The keychain is no part of the workspace.
  ...["hub.token.status", "hub.token.set", "hub.token.remove", "hub.token.check", "hub.plan"],
  ...["workspace.info", "workspace.cache", "workspace.settings", "workspace.open"],
]);

/** @throws DeltaScopeError `store.locked` */
export function refuseChange(path: readonly string[]): void {
  if (readers.has(path.join("."))) return;
  const message = "This is a copy of a workspace that another process holds; nothing can be changed or computed in it.";
  throw new DeltaScopeError("store.locked", message);
}
