/** Writes docs/families.md: what becomes of every adapter type, read from the code.  node tools/write-families.ts */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { familyTable } from "../src/engine/adapter/adapter.ts";
import { REFUSED_FORMATS } from "../src/engine/checkpoint/quantisation.ts";

const target = join(import.meta.dirname, "../docs/families.md");

const HEAD = `# Adapter families

What DeltaScope does with each \`peft_type\` of peft 0.21.2. This table is written from the code: \`node tools/write-families.ts\`.

- **read**: the exact ΔW. "From the base" means that ΔW depends on the values of the base, and that nothing could be said without them. The others are read over a quantised base too: their ΔW and its spectra, without base spectra and intruders.
- anything else is refused with the code and the sentence given.

| type | status | what is said |
|---|---|---|
`;

const FORMATS = `
# Quantised checkpoints

Recognised by the names and types of their tensors first, then by \`quantization_config\`.

- **FP8 with scales** (one for each block, group, row or weight, as floats or as powers of two; matrices and stacked experts; \`fp8\`, \`fbgemm_fp8\`, \`compressed-tensors\`, \`modelopt\`): read as value · scale wherever weights are read, with the alert \`checkpoint.dequantised\`. Such a checkpoint is not scored, trained or edited.
- ${REFUSED_FORMATS.join(", ")}, and every other \`quant_method\`: refused with \`checkpoint.quantised\`, except as the base of an adapter whose ΔW does not need it.
`;

export function familiesDocument(): string {
  const rows = familyTable().map(({ type, status, note }) => `| ${type} | ${status} | ${note} |`);
  return `${HEAD}${rows.join("\n")}\n${FORMATS}`;
}

if (import.meta.main) writeFileSync(target, familiesDocument());
