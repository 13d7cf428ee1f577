/** Tensors that peft ignores, targets without tensors: what did not take part, counted and named. */
import { type Alert, type AlertCode, makeAlert } from "../../../contract/alerts.ts";
import type { Steps } from "../../turns.ts";
import { KEY_PREFIX, type ModuleTensor } from "../keys.ts";
import { isFactor, type LoraContext } from "./lora-context.ts";
import { isWrapped } from "./lora-wrapping.ts";

/** Only the training needs these. */
const TRAINING_ONLY = /^lora_(?:velora_embed|monteclora_sampler)(?:\.|$)/u;

/** Kinds that one sentence lists before it says how many more there are. */
const LISTED_KINDS = 4;

/** A reason for which peft ignores one tensor, and several: the end of the sentence "72 tensors of v_proj …". */
const REASONS = {
  unknown: ["belongs to a module that the base lacks", "belong to modules that the base lacks"],
  untargeted: ["is in the file but not in `target_modules`", "are in the file but not in `target_modules`"],
  magnitude: ["is a DoRA magnitude, but `use_dora` is not set", "are DoRA magnitudes, but `use_dora` is not set"],
  original: ["is a copy that peft keeps beside a trained module", "are copies that peft keeps beside trained modules"],
  part: ["has a name that peft does not load for this module", "have names that peft does not load for these modules"],
} as const;

type Reason = keyof typeof REASONS;

/** Notes every tensor that found no meaning, one alert for each reason. */
export function* reportIgnored(context: LoraContext): Steps<void> {
  const groups = new Map<Reason, ModuleTensor[]>();
  for (const entry of context.keys.tensors) {
    yield;
    if (context.used.has(entry.key) || TRAINING_ONLY.test(entry.part) || isSharedCopy(context, entry)) continue;
    const reason = reasonFor(context, entry);
    const group = groups.get(reason) ?? [];
    group.push(entry);
    groups.set(reason, group);
  }
  for (const [reason, entries] of groups) {
    yield;
    reportGroup(context, reason, entries);
  }
  reportUnprefixed(context);
}

/** What all modules share, once more beside one of them. */
function isSharedCopy({ rules, modules }: LoraContext, { module, part }: ModuleTensor): boolean {
  return modules.has(module) && (rules.shared?.has(part.split(".", 1)[0] ?? part) ?? false);
}

/** One alert for each kind of oddity that was met on the way. */
export function reportNotes({ alerts, notes, unpaired }: LoraContext): void {
  const { missing, replaced, newBiases, withoutMagnitudes } = notes;
  alerts.push(
    ...note(
      "adapter.tensors-missing",
      missing,
      (one) => `${one ? "is" : "are"} targeted but not in the file; ΔW is zero`,
    ),
    ...note(
      "adapter.tensors-missing",
      withoutMagnitudes,
      (one) => `${one ? "has" : "have"} no DoRA magnitudes; peft starts from the norms of the base`,
    ),
    ...note("adapter.replaced-weights", replaced, (one) =>
      one
        ? "is stored in full although the config does not ask for it; peft loads it in place of the base"
        : "are stored in full although the config does not ask for them; peft loads them in place of the base",
    ),
    ...note(
      "adapter.not-mergeable",
      newBiases,
      (one) => `${one ? "gets" : "get"} a bias that the base does not have; peft refuses to merge such an adapter`,
    ),
  );
  for (const name of missing) unpaired.push({ name, reason: "missing", detail: "targeted, no tensors" });
}

/** No alert for no names; the first is named, the others are counted. */
function note(code: AlertCode, names: readonly string[], predicate: (isOne: boolean) => string): Alert[] {
  const [first] = names;
  if (first === undefined) return [];
  const others = names.length - 1;
  const subject = others === 0 ? first : `${first} and ${others} more`;
  return [makeAlert(code, `${subject} ${predicate(others === 0)}.`, first)];
}

/** Current peft forgets the LoRA of dense layers among layers of experts when it reloads an adapter of transformers 4. */
export function reportDenseAmongExperts(context: LoraContext): void {
  if (!context.hasExperts || context.base.config?.modelType === "qwen2_moe") return;
  const dense = context.matrices.filter(({ name, delta }) => delta.lowRank !== undefined && isDense(name));
  const [first] = dense;
  if (first === undefined) return;
  const names = dense.map(({ name }) => name);
  const message = `${dense.length} matrices of dense layers among layers of experts are adapted (${listKinds(names)}); current peft loses these when it loads the file, this analysis applies them.`;
  context.alerts.push(makeAlert("adapter.tensors-ignored", message, first.name));
}

function isDense(name: string): boolean {
  return /\.mlp\.(?:shared_experts?\.)?(?:gate_proj|up_proj|down_proj)$/u.test(name);
}

function reasonFor(context: LoraContext, { module, part }: ModuleTensor): Reason {
  if (part.startsWith("original_module")) return "original";
  const found = context.modules.get(module);
  const isFused = /\.experts(?:\.base_layer)?$/u.test(module) && context.hasExperts;
  if (found === undefined && !isFused) return "unknown";
  if (part.startsWith("lora_magnitude_vector") && !context.config.use_dora) return "magnitude";
  return isFactor(context, part) && (found === undefined || !isWrapped(context, found)) ? "untargeted" : "part";
}

function reportGroup(context: LoraContext, reason: Reason, entries: readonly ModuleTensor[]): void {
  const modules = [...new Set(entries.map(({ module }) => module))];
  const [one, several] = REASONS[reason];
  const subject = entries.length === 1 ? entries[0]?.key : `${entries.length} tensors of ${listKinds(modules)}`;
  const ending = entries.length === 1 ? `${one}; peft ignores it` : `${several}; peft ignores them`;
  alert(context, `${subject} ${ending} and so does this analysis.`, entries[0]?.key);
  const unpairedReason = reason === "unknown" ? "extra" : reason === "untargeted" ? "not-targeted" : "ignored";
  for (const name of modules) context.unpaired.push({ name, reason: unpairedReason, detail: one });
}

function reportUnprefixed(context: LoraContext): void {
  const { unprefixed } = context.keys;
  const [first] = unprefixed;
  if (first === undefined) return;
  const message = `${unprefixed.length} of ${context.adapter.tensors.size} tensors do not start with \`${KEY_PREFIX}\`, as \`${first}\`; peft ignores them and so does this analysis.`;
  alert(context, message, first);
  for (const name of unprefixed) context.unpaired.push({ name, reason: "ignored", detail: "without prefix" });
}

function alert(context: LoraContext, message: string, where: string | undefined): void {
  context.alerts.push(makeAlert("adapter.tensors-ignored", message, where));
}

/** The last parts of module names, each once: "q_proj, v_proj". */
function listKinds(modules: readonly string[]): string {
  const kinds = [...new Set(modules.map((name) => name.split(".").at(-1) ?? name))];
  const more = kinds.length - LISTED_KINDS;
  return more > 0 ? `${kinds.slice(0, LISTED_KINDS).join(", ")} and ${more} more` : kinds.join(", ");
}
