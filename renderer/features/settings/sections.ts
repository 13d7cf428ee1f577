/** Sections of the settings, in the order of their list. */
export const sections = [
  { id: "general", name: "General" },
  { id: "compute", name: "Compute" },
  { id: "workspace", name: "Workspace" },
  { id: "checks", name: "Checks" },
  { id: "privacy", name: "Network" },
  { id: "hub", name: "Hugging Face" },
] as const;

export type SectionId = (typeof sections)[number]["id"];

/** Addresses with an unknown section show the first one. */
export function sectionOf(id: string): SectionId {
  return sections.find((section) => section.id === id)?.id ?? "general";
}
