/** Something odd in the data: it stands beside the results and does not end a run. */
import { z } from "zod";

/** The closed list of alert codes with the tip a person gets. */
const ALERT_TIPS = {
  "adapter.name-in-keys": "peft accepts these keys only when the adapter is loaded under that name.",
  "adapter.tensors-ignored": "peft ignores these tensors; check `target_modules` if they should count.",
  "adapter.tensors-missing": "Save the adapter again if these tensors should be there.",
  "adapter.replaced-weights": "Check that these full tensors were meant to be saved with the adapter.",
  "adapter.pattern-unsupported":
    "Such patterns are not evaluated: every module with factors is taken as targeted. A list of names is exact.",
  "adapter.not-mergeable": "Merging this adapter gives a different model than running it unmerged.",
  "adapter.tied-embeddings": "The numbers show what the running model computes; merging would change both sides.",
  "adapter.vocabulary-resized": "Only the common rows are compared.",
  "adapter.layer-replication": "Several new layers share one base layer; each is shown against it.",
  "adapter.base-mutated": "ΔW is against the original base, from which the initialisation took a part out.",
  "adapter.base-differs": "Check that the adapter was trained on this base.",
  "adapter.base-name-differs": "The adapter's configuration names another base.",
  "adapter.quantised-training": "The training saw the quantised weights of this base.",
  "adapter.magnitudes-suspicious": "The DoRA magnitudes are far from the base's row norms; check the base.",
  "adapter.not-finite": "The module is left out; use an earlier checkpoint of this run.",
  "adapter.no-effect": "Every ΔW of this adapter is zero; was it saved before training?",
  "checkpoint.head-tied": "The tuned checkpoint ties its head to the embedding.",
  "checkpoint.head-untied": "The tuned checkpoint stores a head of its own.",
  "checkpoint.head-missing": "The output head is not in the file, so nothing is said about it.",
  "checkpoint.dtype-differs": "Part of ΔW is rounding; compare with the floor beside each spectrum.",
  "checkpoint.dequantised":
    "Where there is a 16-bit original, compare with that: rounding to 8 bits alone is about 3 % of ‖W‖.",
  "checkpoint.quantised-base": "The base is quantised: no base spectra and no intruders.",
  "checkpoint.architecture-unknown": "Modules are analysed, but their roles are not known.",
  "checkpoint.architecture-differs": "The two checkpoints name different architectures.",
  "checkpoint.unindexed-file": "A safetensors file in the folder is not named by the index and was ignored.",
  "checkpoint.index-differs": "The tensor tables of the files count; the index is out of date.",
  "checkpoint.identical": "Base and tuned hold the same weights.",
  "pairing.prefix": "Wrapper prefixes were removed from the tensor names.",
  "pairing.extra": "These tensors exist only in the tuned checkpoint.",
  "pairing.missing": "These tensors exist only in the base.",
  "pairing.dtype": "Save the checkpoint as float32, float16 or bfloat16 to compare these tensors too.",
  "pairing.vocabulary": "Only the common rows are compared.",
  "analysis.not-finite": "The module is left out; the others go on.",
  "analysis.module-failed": "The module is left out; the others go on.",
  "analysis.climbed": "A faster method did not converge; a more exact one answered.",
  "analysis.undefined": "The quantity has no value here.",
  "analysis.part":
    "Put the parts together with `deltascope collect`, or analyse again without --shard: what is stored is reused.",
  "edit.rank-truncated": "Leave --rank out for a lossless adapter.",
  "edit.rounding": "Write float32 to keep all of the update.",
  "edit.full-written": "Adapters hold sums of factors only; the whole model was written instead.",
  "edit.not-in-lora": "A LoRA holds changes of linear layers only; merge or copy the full checkpoint to keep these.",
  "edit.no-neighbour": "The control does less than the intervention there; compare it with the arm `step`.",
  "edit.step-clamped": "The control does less than the intervention there; choose a λ nearer to 1.",
  "edit.shrink-grew": "There it is no control for a smaller update; compare with the arm step.",
  "edit.undecided": "Analyse with --exact to decide these vectors first.",
  "evaluation.merged-first": "The scores are those of the merged checkpoint.",
  "evaluation.prefix-differs": "The base's prefix token is used for both.",
  "evaluation.head-ignored": "Scored with the embedding as output layer, as lm-evaluation-harness does.",
  "evaluation.tokenizer-differs": "transformers rebuilds Qwen's pipeline whatever tokenizer.json says.",
  "evaluation.precision": "Figures made in bfloat16 on a GPU may differ by a point of accuracy.",
  "task.items-failed": "These items are left out on both sides; the others count.",
  "task.items-truncated": "Contexts longer than the model's window lost their beginning, as in lm-evaluation-harness.",
  "task.prompt-changed":
    "lm-evaluation-harness scores it so; with `keepSpace` true in the items the white space stays in the prompt.",
  "task.items-duplicated": "Duplicated items count twice; intervals become too narrow.",
  "audit.nothing-to-scale": "Other arms and λ change nothing here; a larger k or ε may find intruders.",
  "audit.weights-unmeasured": "Scores stand by themselves; counts of intruders are missing.",
  "audit.stage-merged": "Both stages were merged in float32 for this, so nothing was rounded.",
  "audit.control-missing": "Run the control arm before drawing a conclusion from the intervention.",
  "data.unreadable": "Mend the named rows, or leave them out; a run stops at them.",
  "data.label-unknown": "Correct these answers, or add them to `data.labels`.",
  "data.empty-answer": "The model would learn to answer nothing; leave these rows out.",
  "data.overlong": "Raise `data.cutoff` if the beginning of these prompts matters.",
  "data.dropped": "Raise `data.cutoff`, or shorten these rows.",
  "data.leakage": "Leave these rows out of training, or the evaluation measures memory.",
  "data.duplicates": "Repeated rows count as often as they stand in the file.",
  "data.boundary": "Prompt and answer are tokenized apart; a reader that joins them first sees other tokens.",
  "theory.covariance": "Simulate: --simulate N.",
  "compare.settings-differ": "Counts at different settings do not compare; analyse the runs again in one command.",
  "store.recovered": "The damaged database was moved aside and a new one started.",
  "store.unavailable": "Results of this run could not be kept for later.",
} as const satisfies Record<string, string>;

export type AlertCode = keyof typeof ALERT_TIPS;
export const alertCodes = Object.keys(ALERT_TIPS) as [AlertCode, ...AlertCode[]];

export const severity = z.enum(["info", "warning", "error"]);

export const alert = z.object({
  severity,
  code: z.enum(alertCodes),
  message: z.string(),
  tip: z.string(),
  where: z.string().optional(),
});
export type Alert = z.infer<typeof alert>;

/** Makes an alert with the tip of its code; `where` names the file, tensor or module. */
export function makeAlert(
  code: AlertCode,
  message: string,
  where?: string,
  level: Alert["severity"] = "warning",
): Alert {
  return { severity: level, code, message, tip: ALERT_TIPS[code], where };
}
