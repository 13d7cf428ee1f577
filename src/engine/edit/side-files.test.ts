import { appendFileSync, mkdirSync, readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../test/builders/folders.ts";
import { copyFiles } from "./side-files.ts";

test("what was listed is copied; what was written to since is refused", async () => {
  const folder = temporaryFolder();
  const out = join(folder, "out");
  mkdirSync(out);
  const path = join(folder, "merges.txt");
  const text = "ä b\n".repeat(100_000);
  writeFileSync(path, text);
  const { size, mtimeNs } = statSync(path, { bigint: true });
  const file = { name: "merges.txt", path, size: Number(size), mtimeNs };
  await copyFiles([file], out);
  expect(readFileSync(join(out, "merges.txt"), "utf8")).toBe(text);
  utimesSync(path, 1, 1);
  await expect(copyFiles([file], out)).rejects.toMatchObject({ code: "source.changed", where: path });
  appendFileSync(path, text);
  await expect(copyFiles([file], out)).rejects.toMatchObject({ code: "source.changed", where: path });
  expect(statSync(join(out, "merges.txt")).size).toBe(file.size + 1);
});
