/** What can be scored without writing a task file: the demo's tasks and the ready-made ones. */
import { readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import type { KnownTask } from "../../../contract/api.ts";
import { programFolder } from "../../program-folder.ts";
import { readRegular } from "../../source/regular-file.ts";
import { findDataFile } from "./data-location.ts";
import { definitions } from "./definitions/registry.ts";

/** The skill that the demo's fine-tunes learn; its other tasks are what the base could do before. */
const NEW_TASK = "compare";

/** Of what stands in a folder that was written to since, no more is counted. */
const mostBytes = 2 ** 20;

/** The demo's tasks (of `demo`, where they were copied to) first, then all ready-made ones. */
export async function knownTasks(demo = join(programFolder, "demo")): Promise<KnownTask[]> {
  const own = await demoTasks(join(demo, "tasks"));
  // Subjects of one data set share its file: the cache is looked through once for each place.
  const files = new Map<string, Promise<string | undefined>>();
  const readyMade = definitions.map(async (definition): Promise<KnownTask> => {
    const { key, title, kind, repository, items, configuration, split } = definition;
    const place = [repository, configuration, split].join("\0");
    const file = files.get(place) ?? findDataFile(definition);
    files.set(place, file);
    const shared = { name: key, definition: key, title, kind, role: "retain" as const };
    return { ...shared, file: (await file) ?? null, items: items ?? null, repository };
  });
  return [...own, ...(await Promise.all(readyMade))];
}

async function demoTasks(folder: string): Promise<KnownTask[]> {
  const names = await readdir(folder).catch((): string[] => []);
  return Promise.all(
    names
      .filter((name) => name.endsWith(".jsonl"))
      .sort()
      .map((name) => demoTask(join(folder, name))),
  );
}

async function demoTask(file: string): Promise<KnownTask> {
  const name = basename(file, ".jsonl");
  const text = (await readRegular(file, mostBytes).catch(() => undefined))?.toString();
  return {
    name,
    definition: null,
    title: `Demo: ${name}`,
    kind: "choice",
    role: name === NEW_TASK ? "new" : "retain",
    file,
    items: text?.split("\n").filter((line) => line !== "").length ?? null,
    repository: null,
  };
}
