/** The door: an adapter's two files become settings, or stated deltas over a base. */
import type { AdapterSummary } from "../../contract/domain/adapter.ts";
import type { AdapterPackage, Checkpoint } from "../checkpoint/checkpoint.ts";
import type { Steps } from "../turns.ts";
import { invalidConfig, showValue } from "./config.ts";
import { adalora } from "./families/adalora.ts";
import { beft } from "./families/beft.ts";
import { boft } from "./families/boft.ts";
import { c3a } from "./families/c3a.ts";
import { deft } from "./families/deft.ts";
import { delora } from "./families/delora.ts";
import { fourierft } from "./families/fourierft.ts";
import { frod } from "./families/frod.ts";
import { glora } from "./families/glora.ts";
import { gralora } from "./families/gralora.ts";
import { hira } from "./families/hira.ts";
import { hra } from "./families/hra.ts";
import { ia3 } from "./families/ia3.ts";
import { lnTuning } from "./families/ln-tuning.ts";
import { loha } from "./families/loha.ts";
import { lokr } from "./families/lokr.ts";
import { lora } from "./families/lora.ts";
import { miss } from "./families/miss.ts";
import { oft } from "./families/oft.ts";
import { osf } from "./families/osf.ts";
import { peanut } from "./families/peanut.ts";
import { pvera } from "./families/pvera.ts";
import { randlora } from "./families/randlora.ts";
import { REFUSED_TYPES, refusalOf } from "./families/refused.ts";
import { road } from "./families/road.ts";
import { shira } from "./families/shira.ts";
import { supertuning } from "./families/supertuning.ts";
import { tinylora } from "./families/tinylora.ts";
import { trainableTokens } from "./families/trainable-tokens.ts";
import { unilora } from "./families/unilora.ts";
import { vblora } from "./families/vblora.ts";
import { vera } from "./families/vera.ts";
import { waveft } from "./families/waveft.ts";
import type { AdapterFamily, AdapterReading } from "./family.ts";
import { refuseUnknownKeys } from "./keys.ts";

/** Every family that is read; a new one is one more file and one more entry. */
const FAMILIES: readonly AdapterFamily[] = [
  lora,
  adalora,
  beft,
  boft,
  c3a,
  deft,
  delora,
  fourierft,
  frod,
  glora,
  gralora,
  hira,
  hra,
  ia3,
  lnTuning,
  loha,
  lokr,
  miss,
  oft,
  osf,
  peanut,
  pvera,
  randlora,
  road,
  shira,
  supertuning,
  tinylora,
  trainableTokens,
  unilora,
  vblora,
  vera,
  waveft,
];

/** Every peft_type that is read. */
export const READ_TYPES: readonly string[] = FAMILIES.flatMap(({ types }) => types);

/** What becomes of every type, by name, each followed by the settings that change it. */
export function familyTable(): { type: string; status: string; note: string }[] {
  const read = FAMILIES.flatMap(({ types, needsBase, limits, variants = [] }) => {
    const note = [needsBase ? "from the base" : "", limits ?? ""].filter(Boolean).join("; ");
    return types.flatMap((type) => [
      { type, status: "read", note },
      ...variants.map(({ setting, ...outcome }) => ({ type: `${type}, \`${setting}\``, ...outcome })),
    ]);
  });
  const refused = REFUSED_TYPES.map((type) => {
    const { code, message } = refusalOf(type);
    return { type, status: `\`${code}\``, note: message };
  });
  return [...read, ...refused].sort((one, other) => (one.type < other.type ? -1 : 1));
}

/** Names of the tensors of this adapter's family; none for families that are not read. */
export function factorNames({ type }: AdapterPackage): ReadonlySet<string> {
  return FAMILIES.find(({ types }) => types.includes(type))?.factors ?? new Set();
}

/** Settings, for `inspect`. Throws the refusals that need no base: of the configuration, and of keys none of which counts. */
export function* summarizeAdapter(adapter: AdapterPackage): Steps<AdapterSummary> {
  const summary = yield* familyOf(adapter).summarize(adapter);
  yield* refuseUnknownKeys(adapter);
  return summary;
}

/** What the adapter does to the base: no weights are read. Throws the first refusal in the order config, keys, shapes. */
export function readAdapter(adapter: AdapterPackage, base: Checkpoint): Steps<AdapterReading> {
  return familyOf(adapter).read(adapter, base);
}

function familyOf(adapter: AdapterPackage): AdapterFamily {
  const written = Object.hasOwn(adapter.config, "peft_type") ? adapter.config.peft_type : undefined;
  if (typeof written !== "string") {
    throw invalidConfig(`\`peft_type\` is ${showValue(written)}; the name of a peft method is needed.`);
  }
  const family = FAMILIES.find(({ types }) => types.includes(written));
  if (family === undefined) throw refusalOf(written);
  return family;
}
