/** What stands for the output head on each side: its own matrix, the tied embedding, or nothing known. */
import { type Alert, makeAlert } from "../../contract/alerts.ts";
import type { Unpaired } from "../../contract/domain/pair.ts";
import type { Checkpoint } from "../checkpoint/checkpoint.ts";
import type { Unit } from "./units.ts";

export const HEAD = "lm_head";
export const EMBEDDING = "model.embed_tokens";

/** Architectures that end in a projection to the vocabulary; others (embedding models, classifiers) have no head. */
const WITH_HEAD = /(?:ForCausalLM|ForConditionalGeneration|LMHeadModel)$/;

export interface Heads {
  base: Unit | undefined;
  tuned: Unit | undefined;
  unpaired: Unpaired[];
  alerts: Alert[];
}

interface Side {
  checkpoint: Checkpoint;
  units: ReadonlyMap<string, Unit>;
}

type Standing = "stored" | "tied" | "unknown" | "none";

/** Tied, untied and missing heads. */
export function resolveHeads(base: Side, tuned: Side): Heads {
  const before = standing(base);
  const after = standing(tuned);
  const alerts = [...missingHead(base, before), ...missingHead(tuned, after)];
  if (alerts.length > 0) return { ...none(), alerts, unpaired: [{ name: HEAD, reason: "unknown-head" }] };
  if (before === "tied" && after === "tied") return { ...none(), unpaired: [bothTied()] };
  return { base: head(base, before), tuned: head(tuned, after), unpaired: [], alerts: tieAlerts(before, after, tuned) };
}

function none(): Heads {
  return { base: undefined, tuned: undefined, unpaired: [], alerts: [] };
}

function bothTied(): Unpaired {
  return { name: HEAD, reason: "tied", detail: `the head is ${EMBEDDING} on both sides` };
}

function standing({ checkpoint, units }: Side): Standing {
  if (units.has(HEAD)) return "stored";
  if (!units.has(EMBEDDING)) return "none";
  if (checkpoint.tiedHead) return "tied";
  const architecture = checkpoint.config?.architecture;
  return architecture === undefined || WITH_HEAD.test(architecture) ? "unknown" : "none";
}

function missingHead({ checkpoint }: Side, state: Standing): Alert[] {
  if (state !== "unknown") return [];
  const place = checkpoint.source.location;
  const message = `${place} stores no lm_head.weight and does not tie it to the embedding; a loader would fill it with random numbers.`;
  return [makeAlert("checkpoint.head-missing", message, place)];
}

function head({ units }: Side, state: Standing): Unit | undefined {
  if (state === "stored") return units.get(HEAD);
  const embedding = state === "tied" ? units.get(EMBEDDING) : undefined;
  return embedding === undefined ? undefined : { ...embedding, name: HEAD };
}

function tieAlerts(before: Standing, after: Standing, tuned: Side): Alert[] {
  const place = tuned.checkpoint.source.location;
  if (before === "stored" && after === "tied") {
    const message =
      "The base has a head of its own, the tuned checkpoint uses its embedding as head; ΔW of lm_head is against that embedding.";
    return [makeAlert("checkpoint.head-tied", message, place)];
  }
  if (before !== "tied" || after !== "stored") return [];
  const message =
    "The base uses its embedding as head, the tuned checkpoint stores a head; ΔW of lm_head is against the base's embedding.";
  return [makeAlert("checkpoint.head-untied", message, place)];
}
