/** Version 8: fine-tunes and sweeps that were started; what they wrote stays in their folders. */

/** `run` is the run as last told, whose state column counts; `growth` what was measured at its checkpoints. */
export const statements: readonly string[] = [
  `CREATE TABLE training (
    id VARCHAR NOT NULL, asked_at VARCHAR NOT NULL, state VARCHAR NOT NULL, run VARCHAR NOT NULL,
    growth VARCHAR NOT NULL
  )`,
  `CREATE TABLE sweep (
    id VARCHAR NOT NULL, asked_at VARCHAR NOT NULL, state VARCHAR NOT NULL, folder VARCHAR NOT NULL,
    spec VARCHAR NOT NULL
  )`,
];
