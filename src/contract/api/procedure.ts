/** What the sections of the contract share. */
import { oc } from "@orpc/contract";
import { z } from "zod";
import { errorDocument, typedErrorCode } from "../errors.ts";

/** Every failure of the engine crosses as this one typed error; `data` is the error document. */
export const procedure = oc.errors({ [typedErrorCode]: { data: errorDocument } });

/** The longest path that Linux allows. */
export const path = z.string().min(1).max(4096);

/** Runs looked at together. */
export const runIds = z.object({ runs: z.array(z.string()).min(1).max(8) });

export const exportFormat = z.enum(["json", "csv", "parquet", "html"]);
export type ExportFormat = z.infer<typeof exportFormat>;

/** Where a document or table was written. */
export const writtenFile = z.object({ file: z.string(), bytes: z.number() });
