/** A file is never half there, whoever writes it at the same time, and failures leave nothing beside it. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../test/builders/folders.ts";
import { writeWhole } from "./write-whole.ts";

test("folders are made, and what stands there is replaced", async () => {
  const file = join(temporaryFolder("whole"), "a", "b", "cell.json");
  await writeWhole(file, "first");
  await writeWhole(file, "second");
  expect(readFileSync(file, "utf8")).toBe("second");
  expect(readdirSync(join(file, ".."))).toEqual(["cell.json"]);
});

test("of several that write at once each succeeds, and one of them is there whole", async () => {
  const folder = temporaryFolder("whole");
  const file = join(folder, "results.csv");
  const contents = Array.from({ length: 20 }, (_, index) => `${index}\n`.repeat(20_000));
  await Promise.all(contents.map((content) => writeWhole(file, content)));
  expect(contents).toContain(readFileSync(file, "utf8"));
  expect(readdirSync(folder)).toEqual(["results.csv"]);
});

test("a place that cannot be written is named, and nothing is left beside it", async () => {
  const folder = temporaryFolder("whole");
  mkdirSync(join(folder, "taken", "inside"), { recursive: true });
  writeFileSync(join(folder, "file"), "");
  for (const place of ["taken", "file/below"]) {
    const file = join(folder, place);
    await expect(writeWhole(file, "text")).rejects.toMatchObject({ code: "output.unwritable", where: file });
  }
  expect(readdirSync(folder).sort()).toEqual(["file", "taken"]);
});
