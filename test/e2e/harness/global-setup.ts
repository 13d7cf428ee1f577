/** Empties the folder of screenshots; the stories fill it again. */
import { mkdirSync, rmSync } from "node:fs";
import { shotsFolder } from "./shots.ts";

export default function prepareShots(): void {
  rmSync(shotsFolder, { recursive: true, force: true });
  mkdirSync(shotsFolder, { recursive: true });
}
