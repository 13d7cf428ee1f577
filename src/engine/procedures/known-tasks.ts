/** Tasks that this engine offers, with the demo's own where the user got them. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { KnownTask } from "../../contract/api.ts";
import { knownTasks } from "../evaluation/tasks/known-tasks.ts";
import type { Services } from "./services.ts";

export async function offeredTasks(context: Services): Promise<KnownTask[]> {
  const copy = join((await context.open()).workspace.folder, "demo");
  return knownTasks(existsSync(join(copy, "tasks")) ? copy : undefined);
}
