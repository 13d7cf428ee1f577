import { renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../../test/builders/folders.ts";
import type { Tensor } from "../../checkpoint/checkpoint.ts";
import { guardFiles } from "./stamps.ts";

function written(text = "weights"): { path: string; tensor: Tensor } {
  const path = join(temporaryFolder(), "model.safetensors");
  writeFileSync(path, text);
  const { size, mtimeNs } = statSync(path, { bigint: true });
  const common = { storedName: "w", name: "w", begin: 0, end: 1, dtype: "F32", shape: [1] };
  return { path, tensor: { ...common, path, fileSize: Number(size), mtimeNs } };
}

test("a file that stays as it is passes", () => {
  const { tensor } = written();
  const guard = guardFiles([tensor, tensor]);
  expect(guard.changed()).toBeUndefined();
  guard.verify();
});

test.each<[string, (path: string) => void, RegExp]>([
  ["longer", (path) => writeFileSync(path, "more weights"), /had 7 bytes and has 12/],
  ["written again", (path) => utimesSync(path, 1, 1), /was written to/],
  ["removed", (path) => rmSync(path), /was removed/],
])("a file that was %s", (_, change, message) => {
  const { path, tensor } = written();
  const guard = guardFiles([tensor]);
  change(path);
  expect(guard.changed()).toMatchObject({ path, message: expect.stringMatching(message) });
  expect(guard.verify).toThrow(expect.objectContaining({ code: "source.changed", where: path }));
});

test("another file of the same size and time in its place", () => {
  const { path, tensor } = written();
  const guard = guardFiles([tensor]);
  const other = `${path}.new`;
  writeFileSync(other, "WEIGHTS");
  const { atimeNs, mtimeNs } = statSync(path, { bigint: true });
  utimesSync(other, Number(atimeNs) / 1e9, Number(mtimeNs) / 1e9);
  renameSync(other, path);
  expect(guard.changed()?.message).toMatch(/replaced by another file|was written to/);
});

test("a file that changed since its header was read is refused at once", () => {
  const { path, tensor } = written();
  expect(() => guardFiles([{ ...tensor, fileSize: 6 }])).toThrow(/had 6 bytes and has 7/);
  rmSync(path);
  expect(() => guardFiles([tensor])).toThrow(/was removed/);
});
