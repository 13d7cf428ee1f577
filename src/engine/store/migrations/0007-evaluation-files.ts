/** Version 7: of which files the answers are, beside the question that led to them. */

export const statements: readonly string[] = ["ALTER TABLE evaluation ADD COLUMN files_fingerprint VARCHAR"];
