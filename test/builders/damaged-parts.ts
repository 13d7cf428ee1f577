/** Parts of an analysis with something wrong in them. */
import { createHash } from "node:crypto";
import { cpSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import type { PartManifest } from "../../src/contract/domain/part.ts";
import { temporaryFolder } from "./folders.ts";

export function manifestOf(folder: string): PartManifest {
  return JSON.parse(readFileSync(join(folder, "part.json"), "utf8")) as PartManifest;
}

export function edit(folder: string, change: (manifest: PartManifest) => void): void {
  const manifest = manifestOf(folder);
  change(manifest);
  writeFileSync(join(folder, "part.json"), JSON.stringify(manifest));
}

/** Size and hash in the manifest as if the file had always been like this. */
export function renew(folder: string, name: string): void {
  const bytes = readFileSync(join(folder, name));
  const entry = { bytes: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") };
  edit(folder, ({ files }) => Object.assign(files[name.split(".")[0] as keyof typeof files], entry));
}

export function replace(folder: string, name: string, content: string | Buffer): void {
  writeFileSync(join(folder, name), content);
  renew(folder, name);
}

export function cut(folder: string, name: string): void {
  const bytes = readFileSync(join(folder, name));
  writeFileSync(join(folder, name), bytes.subarray(0, bytes.length >> 1));
}

export function flip(folder: string, name: string): void {
  const bytes = readFileSync(join(folder, name));
  const at = bytes.length >> 1;
  bytes[at] = (bytes[at] as number) ^ 1;
  writeFileSync(join(folder, name), bytes);
}

export function scramble(folder: string, name: string): void {
  const bytes = readFileSync(join(folder, name));
  bytes.fill(0xa5, 4, bytes.length >> 1);
  replace(folder, name, bytes);
}

export function link(folder: string, name: string): void {
  const outside = join(temporaryFolder("outside"), name);
  cpSync(join(folder, name), outside);
  rmSync(join(folder, name));
  symlinkSync(outside, join(folder, name));
}

/** Writes modules.parquet anew with a changed column where the condition holds. */
export async function rewrite(folder: string, column: string, condition: string, exclude = ""): Promise<void> {
  const file = join(folder, "modules.parquet");
  const [expression, name] = column.split(" AS ") as [string, string];
  const analysis = manifestOf(folder).runs[0]?.analysis;
  const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
  const connection = await instance.connect();
  const where = condition.replace("$1", `'${analysis}'`);
  const select =
    exclude === ""
      ? `SELECT * REPLACE (CASE WHEN ${where} THEN ${expression} ELSE "${name}" END AS "${name}") FROM '${file}'`
      : `SELECT * ${exclude} FROM '${file}'`;
  const typed =
    expression === "'x'" && name === "seconds" ? `SELECT * REPLACE ('x' AS seconds) FROM '${file}'` : select;
  await connection.run(`COPY (${typed}) TO '${file}.new' (FORMAT parquet)`);
  connection.closeSync();
  instance.closeSync();
  cpSync(`${file}.new`, file);
  rmSync(`${file}.new`);
  renew(folder, "modules.parquet");
}
