import { expect, test } from "vitest";
import { DeltaScopeError } from "../../contract/errors.ts";
import { isDamage, storeFailure } from "./failures.ts";

// Sentences as DuckDB 1.5.6 wrote them on Linux, Windows' ones as its sources spell them.
const cases: [string, string, boolean][] = [
  [
    'IO Error: Could not set lock on file "/w/x.duckdb": Conflicting lock is held in /usr/bin/node (PID 4711). See also https://duckdb.org/docs/stable/connect/concurrency',
    "store.locked",
    false,
  ],
  [
    'IO Error: Cannot open file "c:\\x.duckdb": The process cannot access the file because it is being used by another process.',
    "store.locked",
    false,
  ],
  ['IO Error: Could not write file "/w/x.duckdb.wal": No space left on device', "workspace.disk-full", false],
  ['IO Error: Cannot open file "/w/x.duckdb": Permission denied', "workspace.not-writable", false],
  ['IO Error: Cannot open file "/w/x.duckdb": Read-only file system', "workspace.not-writable", false],
  [
    "IO Error: Trying to read a database file with version number 99, but we can only read versions between 64 and 68.\nThe database file was created with an newer version of DuckDB.",
    "store.newer",
    false,
  ],
  ['IO Error: The file "/w/x.duckdb" exists, but it is not a valid DuckDB database file!', "store.failed", true],
  [
    "IO Error: Corrupt database file: computed checksum 9091112053273254459 does not match stored checksum 9230728460675045947 in block at location 12288",
    "store.failed",
    true,
  ],
  [
    'IO Error: Could not read enough bytes from file "/w/x.duckdb": attempted to read 142132 bytes from location 394444',
    "store.failed",
    true,
  ],
  [
    'IO Error: Failure while replaying WAL file "/w/x.duckdb.wal": Corrupt WAL file: entry at byte position 24 computed checksum 2 does not match stored checksum 3',
    "store.failed",
    true,
  ],
  [
    'IO Error: Failure while replaying WAL file "/w/x.duckdb.wal": No space left on device',
    "workspace.disk-full",
    false,
  ],
  ['Catalog Error: Table "module" already exists in /home/u/Corrupt checksum studies/x.duckdb', "store.failed", false],
];

test.each(cases)("%s", (message, code, damage) => {
  const thrown = new Error(message);
  const failure = storeFailure(thrown, "/w/x.duckdb");
  expect(failure).toMatchObject({ code, where: "/w/x.duckdb", cause: thrown });
  expect(failure.message).toContain("/w/x.duckdb");
  expect(failure.message).not.toContain("\n");
  expect(isDamage(thrown)).toBe(damage);
});

test("the holder of the lock is named", () => {
  const failure = storeFailure(new Error(cases[0]?.[0]), "/w/x.duckdb");
  expect(failure.message).toContain("pid 4711");
});

test("errors that have a code already keep it, whatever their message says", () => {
  const error = new DeltaScopeError("run.not-found", "Corrupt database file");
  expect(storeFailure(error, "/w/x.duckdb")).toBe(error);
  expect(isDamage(error)).toBe(false);
});
