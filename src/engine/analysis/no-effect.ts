/** Adapters whose every ΔW is zero: found from the measures, when all of them are there. */
import { type Alert, makeAlert } from "../../contract/alerts.ts";
import type { ModuleMeasures, VectorMeasures } from "../../contract/domain/analysis.ts";
import type { Pairing } from "../pairing/pairing.ts";

/** What a run changes; only the numbers of its tensors count here. */
export interface Paired {
  pairing: { kind: Pairing["kind"]; matrices: { length: number }; vectors: { length: number } };
}

interface Measured extends Paired {
  path: string;
  modules: readonly ModuleMeasures[];
  vectors: readonly VectorMeasures[];
}

/** Nothing is said where a filter left modules out or a module failed. */
export function noEffectAlerts({ path, pairing, modules, vectors }: Measured): Alert[] {
  if (pairing.kind !== "adapter" || modules.length < pairing.matrices.length) return [];
  if (vectors.length !== pairing.vectors.length) return [];
  const norms = [...modules.map(({ delta }) => delta), ...vectors].map((measured) => measured?.frobenius);
  if (!norms.every((norm) => norm === 0)) return [];
  const subject = modules.length === 1 ? "ΔW is" : "ΔW are";
  const message = `All ${modules.length} ${subject} exactly zero: this adapter changes no weight of the base.`;
  return [makeAlert("adapter.no-effect", message, path)];
}
