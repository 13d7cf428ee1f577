/** Version 2: what the app keeps beside results: the library, letters of runs, settings, exact views, specs of runs. */

export const statements: readonly string[] = [
  "ALTER TABLE run ADD COLUMN spec VARCHAR",
  "ALTER TABLE analysis ADD COLUMN matrices BIGINT",
  `CREATE TABLE library_item (
    id VARCHAR NOT NULL, path VARCHAR NOT NULL, label VARCHAR NOT NULL, kind VARCHAR NOT NULL, base VARCHAR,
    added_at VARCHAR NOT NULL, removed_at VARCHAR, fingerprint VARCHAR, details VARCHAR NOT NULL
  )`,
  "CREATE TABLE letter (fingerprint VARCHAR NOT NULL, position INTEGER NOT NULL)",
  "CREATE TABLE setting (key VARCHAR NOT NULL, value VARCHAR NOT NULL)",
  `CREATE TABLE exact_view (
    analysis VARCHAR NOT NULL, name VARCHAR NOT NULL, side VARCHAR NOT NULL, view_rows INTEGER NOT NULL,
    view_columns INTEGER NOT NULL, cosines BLOB NOT NULL, best DOUBLE[] NOT NULL, base DOUBLE[] NOT NULL,
    tuned DOUBLE[] NOT NULL, seconds DOUBLE NOT NULL
  )`,
];
