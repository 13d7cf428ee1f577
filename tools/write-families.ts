/** Writes docs/families.md: what becomes of every adapter type, read from the code.  node tools/write-families.ts */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { familyTable } from "../src/engine/adapter/adapter.ts";

const target = join(import.meta.dirname, "../docs/families.md");

const HEAD = `# Adapter families

What DeltaScope does with each \`peft_type\` of peft 0.21.2. This table is written from the code: \`node tools/write-families.ts\`.

- **read**: the exact ΔW. "From the base" means that ΔW depends on the values of the base, and that nothing could be said without them. Over a quantised base only LORA is read.
- anything else is refused with the code and the sentence given.

| type | status | what is said |
|---|---|---|
`;

export function familiesDocument(): string {
  return `${HEAD}${familyTable()
    .map(({ type, status, note }) => `| ${type} | ${status} | ${note} |`)
    .join("\n")}\n`;
}

if (import.meta.main) writeFileSync(target, familiesDocument());
