/** Which sentences of an audit stand in the strip. Pure. */
import type { Finding } from "../../../../src/contract/domain/finding.ts";

export interface StripCard {
  id: string;
  sentences: readonly Finding[];
  /** Stands on a warning ground. */
  warning: boolean;
}

/** Sentences about control arms warn that the effect is not specific to intruders, or not checked. */
function isWarning({ id }: Finding): boolean {
  return id.startsWith("control");
}

/**
 * What every run lost, the swept one first, then what the intervention on one run does, then what its controls say.
 * @param place of the swept run among the runs of the question, from 1
 */
export function stripCards(findings: readonly Finding[], place: number): StripCard[] {
  const forgetting = findings
    .filter(({ id }) => id.startsWith("forgetting"))
    .sort((a, b) => Number(b.id === `forgetting-${place}`) - Number(a.id === `forgetting-${place}`));
  const own = (stem: string) => findings.filter(({ id }) => id === `${stem}-${place}`);
  const controls = [...own("control"), ...own("specific")];
  const missing = findings.filter(({ id }) => id === "control-missing");
  return [
    card("forgetting", forgetting),
    card("intervention", own("intervention")),
    card("control", controls.length > 0 ? controls : missing),
  ].filter(({ sentences }) => sentences.length > 0);
}

function card(id: string, sentences: readonly Finding[]): StripCard {
  return { id, sentences, warning: sentences.some(isWarning) };
}
