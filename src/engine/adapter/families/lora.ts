/** LoRA with all that peft stores beside its factors: from configuration and keys to stated deltas. */
import { makeAlert } from "../../../contract/alerts.ts";
import type { AdapterSummary, DeltaStatement, LowRankTerm } from "../../../contract/domain/adapter.ts";
import type { MatrixPair } from "../../../contract/domain/pair.ts";
import { DeltaScopeError } from "../../../contract/errors.ts";
import type { AdapterPackage, Checkpoint } from "../../checkpoint/checkpoint.ts";
import { quote } from "../../source/quote.ts";
import type { Steps } from "../../turns.ts";
import { baseName, nameAlerts } from "../belonging.ts";
import { invalidConfig, type LoraConfig, namedBase, readLoraConfig, showValue } from "../config.ts";
import type { AdapterFamily, AdapterReading } from "../family.ts";
import { type AdapterKeys, type ModuleTensor, readKeys } from "../keys.ts";
import { type BaseModule, baseModules, matrixShape } from "../modules.ts";
import { whyNotCompiled } from "../pattern.ts";
import { makeRankAndAlpha } from "../rank-alpha.ts";
import { makeTargeting } from "../targeting.ts";
import type { FamilyRules, LoraContext, TokenRows } from "./lora-context.ts";
import { expertTerms, haveExperts, isExpert } from "./lora-experts.ts";
import { type FullMatrix, fullMatrix, fullView, isSaved, readVectors } from "./lora-full.ts";
import { reportDenseAmongExperts, reportIgnored, reportNotes } from "./lora-leftovers.ts";
import { firstRows, lowRankTerm, withDora } from "./lora-linear.ts";
import { replicateModules, replicationAlert } from "./lora-replication.ts";
import { alertTied } from "./lora-tied.ts";
import { replacedRows, tokenRowPlan } from "./lora-tokens.ts";
import { alertAboutVariant, READ_VARIANTS, statedVariant } from "./lora-variant-formulas.ts";
import { REFUSED_VARIANTS, refuseVariants } from "./lora-variants.ts";
import { fusedParameterOf, isFusedExpert, isReplaced, isTarget, isWrapped, tiedPartner } from "./lora-wrapping.ts";

const FACTORS: ReadonlySet<string> = new Set([
  ...["lora_A", "lora_B", "lora_embedding_A", "lora_embedding_B", "lora_magnitude_vector"],
  ...["lora_velora_embed", "lora_monteclora_sampler", "lora_diag"],
]);

const EMBEDDING_CLASSES: ReadonlySet<string> = new Set(["Qwen2Model", "Qwen3Model"]);

const LORA: FamilyRules = { factors: FACTORS, readSettings, summarize };

export const lora: AdapterFamily = {
  types: ["LORA"],
  factors: FACTORS,
  needsBase: false,
  variants: [...READ_VARIANTS, ...REFUSED_VARIANTS],
  *summarize(adapter) {
    return summarize(adapter, yield* readSettings(adapter));
  },
  read: (adapter, base) => readWith(adapter, base, LORA),
};

function* readSettings(adapter: AdapterPackage): Steps<LoraConfig> {
  const config = yield* readLoraConfig(adapter);
  refuseVariants(adapter.config, config);
  return config;
}

/** The reading of a family that targets, saves and replaces as LoRA does. Throws the first refusal. */
export function* readWith(adapter: AdapterPackage, base: Checkpoint, rules: FamilyRules): Steps<AdapterReading> {
  const context = yield* openContext(adapter, base, rules);
  const tokens = tokenRowPlan(context);
  const experts = yield* expertTerms(context);
  for (const module of context.modules.values()) {
    yield;
    readModule(context, module, tokens.get(module.name), experts);
  }
  alertTied(context, tokens);
  alertAboutWhole(context);
  alertAboutVariant(context);
  reportNotes(context);
  yield* reportIgnored(context);
  yield;
  reportDenseAmongExperts(context);
  refuseEmpty(context);
  const { matrices, vectors, unpaired, alerts, evidence } = context;
  return { summary: rules.summarize(adapter, context.config), matrices, vectors, unpaired, alerts, evidence };
}

function* openContext(adapter: AdapterPackage, base: Checkpoint, rules: FamilyRules): Steps<LoraContext> {
  const config = yield* rules.readSettings(adapter);
  yield;
  const rankAndAlpha = yield* makeRankAndAlpha(config);
  yield;
  const targeting = makeTargeting(config, base.config?.modelType);
  const keys = yield* readKeys(adapter, { ...rules, bareNamesAllowed: isEmbeddingModel(config) });
  const modules = yield* replicateModules(yield* baseModules(base, keys.style), config);
  const tensors = yield* byModule(keys);
  const context: LoraContext = {
    ...{ rules, adapter, base, config, keys, modules, targeting, rankAndAlpha, tensors },
    hasExperts: haveExperts(modules),
    hasExpertFactors: keys.tensors.some(({ module, part }) => part.startsWith("lora_") && isExpert(module)),
    ...{ used: new Set(), matrices: [], vectors: [], unpaired: [], evidence: [] },
    notes: { missing: [], replaced: [], newBiases: [], withoutMagnitudes: [] },
    alerts: [...keys.alerts, ...replicationAlert(config)],
  };
  yield;
  yield* refuseBadTargets(context);
  return context;
}

function isEmbeddingModel(config: LoraConfig): boolean {
  return config.task_type === "FEATURE_EXTRACTION" || EMBEDDING_CLASSES.has(config.baseModelClass ?? "");
}

function* byModule(keys: AdapterKeys): Steps<Map<string, Map<string, ModuleTensor>>> {
  const modules = new Map<string, Map<string, ModuleTensor>>();
  for (const entry of keys.tensors) {
    yield;
    const parts = modules.get(entry.module) ?? new Map<string, ModuleTensor>();
    modules.set(entry.module, parts.set(entry.part, entry));
  }
  return modules;
}

/** Reads whatever the file holds for one module. */
function readModule(
  context: LoraContext,
  module: BaseModule,
  tokens: TokenRows | undefined,
  experts: ReadonlyMap<string, LowRankTerm>,
): void {
  const saved = isSaved(context, module);
  const wrapped = isWrapped(context, module);
  refuseMixtures(context, module, { saved, wrapped, tokens });
  if (module.kind !== "other")
    readMatrix(context, module, { saved, wrapped, tokens, expert: experts.get(module.name) });
  readVectors(context, module, saved);
}

interface MatrixPlan {
  saved: boolean;
  wrapped: boolean;
  tokens: TokenRows | undefined;
  expert: LowRankTerm | undefined;
}

function readMatrix(context: LoraContext, module: BaseModule, plan: MatrixPlan): void {
  const full = fullMatrix(context, module, plan.saved);
  const { state } = context.rules;
  const own = plan.wrapped ? (state ?? statedVariant)(context, module) : undefined;
  const hasOwn = state !== undefined || own !== undefined;
  const term = hasOwn ? undefined : (plan.expert ?? (plan.wrapped ? ownOrTiedTerm(context, module, full) : undefined));
  const changed = { ...statedChange(context, module, plan, full, term), ...own };
  const hasDora =
    context.config.use_dora &&
    plan.wrapped &&
    (term !== undefined || own !== undefined || hasMagnitude(context, module));
  const delta = hasDora ? withDora(context, module, changed) : changed;
  const isExpected = plan.wrapped || isFusedExpert(context, module);
  if (isExpected && term === undefined && own === undefined && !hasDora) context.notes.missing.push(module.name);
  const pair = matrixPair(module, delta, full);
  if (Object.keys(delta).length > 0) context.matrices.push(pair);
  if (full?.isCopy) addCopyEvidence(context, module, full, pair);
}

/** Tied factors are one pair in memory: where the file has them for one side only, the other has the same delta. */
function ownOrTiedTerm(
  context: LoraContext,
  module: BaseModule,
  full: FullMatrix | undefined,
): LowRankTerm | undefined {
  const own = lowRankTerm(context, module, full?.rows);
  const partner = own === undefined ? tiedPartner(context, module) : undefined;
  return partner === undefined ? own : lowRankTerm(context, partner, full?.rows);
}

/** Everything but DoRA. */
function statedChange(
  context: LoraContext,
  module: BaseModule,
  plan: MatrixPlan,
  full: FullMatrix | undefined,
  term: LowRankTerm | undefined,
): DeltaStatement {
  const delta: DeltaStatement = {};
  if (full !== undefined && !full.isCopy) delta.replacement = fullView(full);
  if (plan.tokens !== undefined) delta.replacedRows = replacedRows(context, module, plan.tokens);
  if (term !== undefined) delta.lowRank = [term];
  return delta;
}

function hasMagnitude(context: LoraContext, module: BaseModule): boolean {
  const parts = [...(context.tensors.get(module.name)?.keys() ?? [])];
  return parts.some((part) => part.startsWith("lora_magnitude_vector"));
}

/** [out, in] as compared: the base's shape, its common rows, or what the factors say where the base hides it. */
function matrixPair(module: BaseModule, delta: DeltaStatement, full: FullMatrix | undefined): MatrixPair {
  const { name, role, weight } = module;
  const [rows, columns] = matrixShape(module) ?? factorShape(delta);
  const common = full?.rows?.common ?? rows;
  const base = weight !== undefined && common !== rows ? firstRows(weight, common) : weight;
  return { name, role, shape: [common, columns], base, delta };
}

function factorShape(delta: DeltaStatement): [number, number] {
  const [term] = delta.lowRank ?? [];
  return term === undefined ? [0, 0] : [viewRows(term.left), viewColumns(term.right)];
}

function viewRows({ rows, tensor, transpose }: LowRankTerm["left"]): number {
  return rows?.count ?? tensor.shape[transpose === true ? 1 : 0] ?? 0;
}

function viewColumns({ tensor, transpose }: LowRankTerm["right"]): number {
  return tensor.shape[transpose === true ? 0 : 1] ?? 0;
}

/** The stored copy of an embedding or head equals the base, or it is the weight that training started from. */
function addCopyEvidence(context: LoraContext, module: BaseModule, full: FullMatrix, pair: MatrixPair): void {
  if (module.weight === undefined) return;
  const message = `${full.tensor.storedName} is a copy of the matrix the adapter was trained on, and it differs from that of ${baseName(context.base)}.`;
  const first = fullView(full);
  const whenDifferent = { ...pair, delta: { ...pair.delta, replacement: first } };
  const known = context.evidence.find((evidence) => evidence.first.tensor === full.tensor);
  if (known !== undefined) {
    // The other side of a tied embedding and head.
    known.pairsWhenDifferent?.push(whenDifferent);
    return;
  }
  context.evidence.push({
    ...{ kind: "equal", module: module.name, first, second: module.weight },
    alert: makeAlert("adapter.base-differs", message, module.name),
    pairsWhenDifferent: [whenDifferent],
  });
}

/** Mixtures on one module that peft refuses to load, or that have no meaning of their own. */
function refuseMixtures(
  { rules }: LoraContext,
  module: BaseModule,
  { saved, wrapped, tokens }: Omit<MatrixPlan, "expert">,
): void {
  if (rules.tokenRows === undefined && tokens !== undefined && (wrapped || saved)) {
    const other = wrapped ? "target_modules" : "modules_to_save";
    throw invalidConfig(
      `\`trainable_token_indices\` and \`${other}\` both name ${module.name}; peft refuses to load such an adapter.`,
    );
  }
  if (!wrapped || !saved) return;
  throw new DeltaScopeError(
    "adapter.unsupported",
    `adapter_config.json: \`modules_to_save\` and \`target_modules\` both match ${module.name}; such a mixture is not supported.`,
    "adapter_config.json",
  );
}

/** peft refuses to load an adapter whose configuration targets nothing, or a norm. */
function* refuseBadTargets(context: LoraContext): Steps<void> {
  const { config, targeting, modules, tensors, rules } = context;
  if (targeting.unsupported.length > 0) {
    alertUnsupported(context);
    return;
  }
  const all = [...modules.values()];
  const norm = yield* findInSteps(all, (module) => module.kind === "other" && isTarget(context, module));
  if (norm !== undefined && rules.replacement === undefined) {
    throw invalidConfig(
      `\`target_modules\` is ${showValue(config.target_modules)} and matches ${norm.name}; peft adapts linear layers and embeddings only.`,
    );
  }
  const anyTarget = yield* findInSteps(
    all,
    (module) =>
      isWrapped(context, module) || isReplaced(context, module) || fusedParameterOf(context, module) !== undefined,
  );
  if (anyTarget !== undefined || tensors.size === 0) return;
  const count = all.filter(({ kind }) => kind === "linear").length;
  const { target_modules: targets } = config;
  const value =
    typeof targets === "string"
      ? `the text ${showValue(targets)}, a pattern for whole module names`
      : showValue(targets ?? null);
  throw invalidConfig(`\`target_modules\` is ${value}; it matches none of ${count} modules.`);
}

function* findInSteps<Item>(items: readonly Item[], isMeant: (item: Item) => boolean): Steps<Item | undefined> {
  for (const item of items) {
    if (isMeant(item)) return item;
    yield;
  }
  return undefined;
}

function alertUnsupported({ alerts, targeting }: LoraContext): void {
  const [pattern] = targeting.unsupported;
  const reason = whyNotCompiled(pattern ?? "");
  const message = `The pattern ${showValue(pattern)} ${reason}; every module with factors counts as targeted.`;
  alerts.push(makeAlert("adapter.pattern-unsupported", message, "adapter_config.json"));
}

function alertAboutWhole({ adapter, base, alerts, matrices }: LoraContext): void {
  alerts.push(...nameAlerts(namedBase(adapter.config), base));
  if (base.quantised === undefined || !matrices.some((pair) => pair.base === undefined)) return;
  const message = `Base ${baseName(base)} is stored in ${base.quantised}: ΔW and its spectra come from the adapter alone, without base spectra and intruders.`;
  alerts.push(makeAlert("checkpoint.quantised-base", message, baseName(base)));
}

function refuseEmpty({ adapter, base, matrices, vectors, evidence, notes, tensors }: LoraContext): void {
  if (matrices.length + vectors.length + evidence.length > 0) return;
  const first = notes.missing.find((name) => tensors.has(name));
  if (first !== undefined) {
    throw new DeltaScopeError(
      "adapter.tensor-missing",
      `Adapter "${adapter.name}" holds ${adapter.tensors.size} tensors, but no complete set of factors for any of its ${notes.missing.length} targeted modules (${first}, …); every ΔW would be zero.`,
      adapter.source.location,
    );
  }
  throw new DeltaScopeError(
    "pairing.empty",
    `None of the ${adapter.tensors.size} tensors of adapter "${adapter.name}" belongs to a targeted module of ${baseName(base)}; the first is ${quote(adapter.tensors.keys().next().value ?? "")}.`,
    adapter.source.location,
  );
}

function summarize(adapter: AdapterPackage, config: LoraConfig): AdapterSummary {
  const { r: rank, lora_alpha: alpha, target_modules: targets } = config;
  return {
    type: adapter.type,
    rank,
    alpha,
    scale: alpha / (config.use_rslora ? Math.sqrt(rank) : rank),
    scaleFormula: config.use_rslora ? "lora_alpha / √r" : "lora_alpha / r",
    variants: variantsOf(adapter, config),
    targets: typeof targets === "string" ? [targets] : (targets ?? []),
    baseModel: config.base_model_name_or_path ?? null,
  };
}

function variantsOf(adapter: AdapterPackage, config: LoraConfig): string[] {
  const variants: [string, boolean][] = [
    ["dora", config.use_dora],
    ["rslora", config.use_rslora],
    ["rank_pattern", config.rankPattern.length > 0],
    ["alpha_pattern", config.alphaPattern.length > 0],
    ["lora_bias", config.lora_bias],
    ["bias", config.bias !== "none"],
    ["modules_to_save", (config.modules_to_save ?? []).length > 0],
    ["token-rows", config.trainable_token_indices !== undefined],
    ["target_parameters", (config.target_parameters ?? []).length > 0],
    ["layer_replication", config.layer_replication !== undefined],
    ["experts", [...adapter.tensors.keys()].some((key) => key.includes(".experts."))],
  ];
  return variants.filter(([, present]) => present).map(([name]) => name);
}
