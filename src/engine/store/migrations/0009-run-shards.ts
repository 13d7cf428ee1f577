/** Version 9: which shard of an analysis an execution was, as JSON; null where it was asked whole. */

export const statements: readonly string[] = ["ALTER TABLE run ADD COLUMN shard VARCHAR"];
