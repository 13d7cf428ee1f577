/** Version 5: what the user put aside for the report, in the order of `position`. */

export const statements: readonly string[] = [
  `CREATE TABLE pin (
    id VARCHAR NOT NULL, position INTEGER NOT NULL, added_at VARCHAR NOT NULL, note VARCHAR NOT NULL,
    content VARCHAR NOT NULL
  )`,
];
