/** Adapters whose every ΔW is zero: found from the measures, when all of them are there. */
import { type Alert, makeAlert } from "../../contract/alerts.ts";
import type { Store } from "../store/types.ts";
import type { PreparedRun } from "./prepare.ts";

type Member = Pick<PreparedRun, "analysis" | "label" | "path" | "pairing"> & { wanted: readonly string[] };

/** Nothing is said where a filter left modules out or a module failed. */
export async function noEffectAlerts(members: readonly Member[], store: Store): Promise<(Alert & { run: string })[]> {
  const alerts: (Alert & { run: string })[] = [];
  for (const member of members) {
    if (member.pairing.kind !== "adapter" || !(await isAllZero(member, store))) continue;
    const count = member.wanted.length;
    const message = `All ${count} ${count === 1 ? "ΔW is" : "ΔW are"} exactly zero: this adapter changes no weight of the base.`;
    alerts.push({ ...makeAlert("adapter.no-effect", message, member.path), run: member.label });
  }
  return alerts;
}

async function isAllZero({ analysis, pairing, wanted }: Member, store: Store): Promise<boolean> {
  if (wanted.length < pairing.matrices.length) return false;
  const modules = await store.modules(analysis, wanted);
  const vectors = await store.vectors(analysis);
  const complete = modules.length === wanted.length && vectors.length === pairing.vectors.length;
  return complete && [...modules.map(({ delta }) => delta), ...vectors].every((measured) => measured?.frobenius === 0);
}
