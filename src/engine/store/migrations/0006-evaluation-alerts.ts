/** Version 6: what was odd about a question of scoring, so that answers from the store say it too. */

export const statements: readonly string[] = ["ALTER TABLE evaluation ADD COLUMN alerts VARCHAR"];
