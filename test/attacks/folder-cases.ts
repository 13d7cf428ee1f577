/** Folders that try to mislead or to harm, by theme. */
import { configCases } from "./config-cases.ts";
import { contentCases } from "./content-cases.ts";
import type { FolderCase } from "./folder-case.ts";
import { indexCases } from "./index-cases.ts";
import { linkCases } from "./link-cases.ts";

export const folderCases: readonly FolderCase[] = [...linkCases, ...indexCases, ...configCases, ...contentCases];
