/** A recipe as a form holds it: what was set, by dotted field; everything else comes from the preset. */

export type Draft = Readonly<Record<string, unknown>>;

/** The draft of an address; what cannot be read is an empty one. */
export function readDraft(text: string | undefined): Draft {
  if (text === undefined) return {};
  if (!text.startsWith("{")) return { preset: text };
  try {
    const read: unknown = JSON.parse(text);
    return isGroup(read) ? read : {};
  } catch {
    return {};
  }
}

/** For an address: a preset alone by its name. */
export function writeDraft(draft: Draft): string | undefined {
  const fields = Object.keys(draft);
  if (fields.length === 0) return undefined;
  if (fields.length === 1 && typeof draft.preset === "string") return draft.preset;
  return JSON.stringify(draft);
}

/** Value of "lora.rank"; undefined where it is not set. */
export function valueAt(draft: unknown, field: string): unknown {
  return field
    .split(".")
    .reduce<unknown>((group, key) => (isGroup(group) && Object.hasOwn(group, key) ? group[key] : undefined), draft);
}

/** The draft with one field set, or without it for undefined; groups that become empty go too. */
export function withValue(draft: Draft, field: string, value: unknown): Draft {
  const [key = "", ...rest] = field.split(".");
  const others = Object.entries(draft).filter(([name]) => name !== key);
  const inner = rest.length === 0 ? value : withValue(groupAt(draft, key), rest.join("."), value);
  const gone = inner === undefined || (rest.length > 0 && isGroup(inner) && Object.keys(inner).length === 0);
  return Object.fromEntries(gone ? others : [...others, [key, inner]]);
}

function groupAt(draft: Draft, key: string): Draft {
  const value = Object.hasOwn(draft, key) ? draft[key] : undefined;
  return isGroup(value) ? value : {};
}

function isGroup(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Exactly one of the two lengths counts: setting one takes the other back. */
export function withLength(draft: Draft, field: "epochs" | "max_steps", value: unknown): Draft {
  const other = field === "epochs" ? "max_steps" : "epochs";
  const cleared = withValue(draft, other, value === undefined ? undefined : null);
  return withValue(cleared, field, value);
}
