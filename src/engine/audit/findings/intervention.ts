/** What scaling the intruders does on both sides, and whether a control arm of equal size does as well. */
import type { AuditSpec } from "../../../contract/domain/audit.ts";
import type { Arm } from "../../../contract/domain/edit.ts";
import type { Finding, FindingPart } from "../../../contract/domain/finding.ts";
import { formatThreshold } from "../../../contract/format.ts";
import type { Half } from "../../evaluation/statistics/halves.ts";
import { type Clause, run, sentence, text } from "../../report/findings/sentence.ts";
import { type Change, changeBetween, differenceBetween } from "../between.ts";
import type { IntervalOf } from "../intervals.ts";
import type { ComparedVariant } from "../sweep.ts";
import { trainedArm } from "../variants.ts";
import type { AuditEvidence } from "./findings.ts";
import { forgettingView, intervalWords, isDetected, parenthesis, points } from "./words.ts";

const armWords: Record<Arm, string> = {
  scale: "scaled intruders",
  step: "same step",
  shrink: "same norm",
  rescaled: "rescaled",
  interpolate: "interpolation",
  neighbour: "neighbours",
};

/** The models of one run in a sweep, and the λ of which the sentences speak. */
interface Chosen {
  label: string;
  place: number;
  trained: ComparedVariant;
  scaled: ComparedVariant;
  controls: readonly ComparedVariant[];
  lambda: number;
  /** The half of the items that did not choose λ; undefined where nothing was chosen. */
  half: Half | undefined;
}

type Evidence = Pick<AuditEvidence, "spec" | "compared">;

export async function interventionFindings({ spec, compared }: Evidence, intervalOf: IntervalOf): Promise<Finding[]> {
  const findings: Finding[] = [];
  const uncontrolled: string[] = [];
  for (const [place, { label }] of spec.tuned.entries()) {
    const own = compared.filter(({ variant }) => variant.run === place);
    const chosen = choose(label, place, own);
    if (chosen === undefined) continue;
    findings.push(...(await effectFinding(chosen, intervalOf)));
    if (chosen.controls.length === 0) uncontrolled.push(label);
    else findings.push(...(await controlFinding(chosen, intervalOf)));
  }
  return [...findings, ...missingControls(uncontrolled, spec)];
}

function choose(label: string, place: number, own: readonly ComparedVariant[]): Chosen | undefined {
  const complete = Math.max(0, ...own.map(({ comparisons }) => comparisons.length));
  const whole = own.filter(({ comparisons }) => comparisons.length === complete && complete > 0);
  const trained = whole.find(({ variant }) => variant.lambda === 1);
  const edited = whole.filter(({ variant }) => variant.lambda !== 1);
  const scaled = edited.filter(({ variant }) => variant.arm === trainedArm);
  if (trained === undefined || scaled.length === 0) return undefined;
  const split = scaled.length > 1;
  const best = split ? bestOf(trained, scaled) : scaled[0];
  if (best === undefined) return undefined;
  const { lambda } = best.variant;
  const controls = edited.filter(({ variant }) => variant.lambda === lambda && variant.arm !== trainedArm);
  return { label, place, trained, scaled: best, controls, lambda, half: split ? "reporting" : undefined };
}

/** Most points gained on old and new tasks together, over the choosing half; among equals the one nearest to 1. */
function bestOf(trained: ComparedVariant, scaled: readonly ComparedVariant[]): ComparedVariant | undefined {
  const worth = (variant: ComparedVariant): number =>
    (["retain", "new"] as const).reduce(
      (sum, role) => sum + (differenceBetween(trained, variant, { role, half: "choosing" }) ?? 0),
      0,
    );
  const nearness = ({ variant }: ComparedVariant) => Math.abs(1 - variant.lambda);
  return scaled.toSorted((one, other) => worth(other) - worth(one) || nearness(one) - nearness(other))[0];
}

interface Sides {
  old: Change | undefined;
  fresh: Change | undefined;
}

async function sidesBetween(
  from: ComparedVariant,
  to: ComparedVariant,
  half: Half | undefined,
  intervalOf: IntervalOf,
): Promise<Sides> {
  const old = await changeBetween(from, to, { role: "retain", half }, intervalOf);
  return { old, fresh: await changeBetween(from, to, { role: "new", half }, intervalOf) };
}

function sideParts({ old, fresh }: Sides, kind: "change" | "difference"): FindingPart[] {
  const side = (name: string, change: Change | undefined): FindingPart[][] => {
    if (change === undefined) return [];
    const words = intervalWords(change.ci95, change.items);
    if (!isDetected(change.ci95)) return [[text(`no detectable ${kind} on the ${name} (${words})`)]];
    return [[text(`${name} `), ...points(change.difference), parenthesis(words)]];
  };
  const clauses = [...side("old tasks", old), ...side("new task", fresh)];
  return clauses.flatMap((clause, index) => (index === 0 ? clause : [text("; "), ...clause]));
}

/** "lora-r1, intruders × 0.75 against as trained: old tasks 6.90 points (…); new task −2.67 points (…)". */
async function effectFinding(chosen: Chosen, intervalOf: IntervalOf): Promise<Finding[]> {
  const sides = await sidesBetween(chosen.trained, chosen.scaled, chosen.half, intervalOf);
  const parts = sideParts(sides, "change");
  if (parts.length === 0) return [];
  const head = `, intruders × ${formatThreshold(chosen.lambda)} against as trained: `;
  const after = chosen.half === undefined ? [] : [text("; λ was chosen on the other half of the items")];
  const clause = { parts: [run(chosen.label), text(head), ...parts], modules: [] };
  return sentence(`intervention-${chosen.place + 1}`, forgettingView, [clause], { after });
}

type Verdict = "does better than" | "does as well as" | "does worse than" | "trades one side for the other against";

/** Of the control against the intervention, by what the intervals show. */
function verdictOf({ old, fresh }: Sides): Verdict {
  const sign = (change: Change | undefined): number =>
    change !== undefined && isDetected(change.ci95) ? Math.sign(change.difference) : 0;
  const signs = [sign(old), sign(fresh)];
  if (signs.includes(1) && signs.includes(-1)) return "trades one side for the other against";
  if (signs.includes(1)) return "does better than";
  return signs.includes(-1) ? "does worse than" : "does as well as";
}

/** Ids that begin with "control" stand on a warning ground: the effect is not shown to come from the intruders. */
async function controlFinding(chosen: Chosen, intervalOf: IntervalOf): Promise<Finding[]> {
  const clauses: Clause[] = [];
  const verdicts: Verdict[] = [];
  for (const control of chosen.controls) {
    const sides = await sidesBetween(chosen.scaled, control, chosen.half, intervalOf);
    const parts = sideParts(sides, "difference");
    if (parts.length === 0) continue;
    const verdict = verdictOf(sides);
    verdicts.push(verdict);
    const words = `the control arm ${armWords[control.variant.arm]} ${verdict} the intervention (control minus intervention: `;
    clauses.push({ parts: [text(words), ...parts, text(")")], modules: [] });
  }
  const specific = verdicts.every((verdict) => verdict === "does worse than");
  const id = `${specific ? "specific" : "control"}-${chosen.place + 1}`;
  const before = [run(chosen.label), text(` at λ ${formatThreshold(chosen.lambda)}: `)];
  return sentence(id, forgettingView, clauses, { before });
}

function missingControls(labels: readonly string[], { arms }: Pick<AuditSpec, "arms">): Finding[] {
  if (labels.length === 0) return [];
  const why = arms.some((arm) => arm !== trainedArm) ? "has no answers yet" : "was not run";
  const parts = labels.flatMap((label, index) => (index === 0 ? [run(label)] : [text(", "), run(label)]));
  const words = `: a control arm ${why}, so nothing shows that the effect comes from the intruders`;
  return sentence("control-missing", forgettingView, [{ parts: [...parts, text(words)], modules: [] }]);
}
