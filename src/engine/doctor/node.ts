/** The Node that runs the engine. */
import type { DoctorLine } from "../../contract/api.ts";

/** The engine is plain TypeScript, which Node runs by itself from this version on. */
const leastMajor = 24;

export function checkNode(): DoctorLine[] {
  const { node } = process.versions;
  const detail = `${node} on ${process.platform} ${process.arch}`;
  if (Number.parseInt(node, 10) >= leastMajor) return [{ check: "Node", status: "ok", detail }];
  const remedy = "Start it with `npx deltascope`, which uses the Node that `npm install` brought along.";
  return [{ check: "Node", status: "missing", detail: `${detail}; ${leastMajor} is needed`, remedy }];
}
