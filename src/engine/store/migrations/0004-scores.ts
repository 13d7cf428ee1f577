/** Version 4: answers of evaluations, item by item, and the audits that were asked. */

/** Keys are kept by the one writer, as in version 1. Lists of a score hold one entry for each request of its item. */
export const statements: readonly string[] = [
  `CREATE TABLE evaluation (
    id VARCHAR NOT NULL, variant_fingerprint VARCHAR NOT NULL, task_fingerprint VARCHAR NOT NULL,
    settings VARCHAR NOT NULL, label VARCHAR NOT NULL, variant VARCHAR NOT NULL, task VARCHAR NOT NULL,
    asked_at VARCHAR NOT NULL
  )`,
  `CREATE TABLE score (
    evaluation VARCHAR NOT NULL, item INTEGER NOT NULL, loglikelihoods DOUBLE[] NOT NULL, greedy BOOLEAN[] NOT NULL,
    tokens BIGINT NOT NULL
  )`,
  "CREATE TABLE audit (id VARCHAR NOT NULL, spec VARCHAR NOT NULL, asked_at VARCHAR NOT NULL, state VARCHAR NOT NULL)",
];
