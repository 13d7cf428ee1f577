import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { temporaryFolder } from "../test/builders/folders.ts";
import { isNativeBuilt, nativeSources, recordNativeBuild } from "./native-record.mjs";

const addon = "native/deltascope.node";
const source = "native/crates/spectra/src/svd.rs";

let root: string;
beforeEach(() => {
  root = temporaryFolder("native-record");
  write("native/Cargo.lock", "version = 4");
  write(source, "fn svd() {}");
  write(addon, "machine code");
  write("native/addon.d.ts", "export {}");
});

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

test("an addon of unknown origin counts as not built, a recorded one as built", () => {
  expect(isNativeBuilt(root)).toBe(false);
  recordNativeBuild(root, nativeSources(root));
  expect(isNativeBuilt(root)).toBe(true);
  write(source, "fn svd() {}");
  write("native/crates/spectra/tests/golden.rs", "fn test() {}");
  expect(isNativeBuilt(root)).toBe(true);
});

test.each([
  ["a changed source", () => write(source, "fn svd() { }")],
  ["a new source", () => write("native/crates/theory/src/risk.rs", "")],
  ["a source that is gone", () => rmSync(join(root, source))],
  ["other versions of packages", () => write("native/Cargo.lock", "version = 5")],
  ["other options of the build", () => write("tools/build-native.mjs", "--debug")],
  ["an addon from elsewhere", () => write(addon, "other code")],
  ["declarations that were edited", () => write("native/addon.d.ts", "")],
  ["a missing addon", () => rmSync(join(root, addon))],
])("%s asks for a build", (_, change) => {
  recordNativeBuild(root, nativeSources(root));
  change();
  expect(isNativeBuilt(root)).toBe(false);
});

test("a source that changes while it is built asks for another build", () => {
  const before = nativeSources(root);
  write(source, "fn svd() { /* edited meanwhile */ }");
  recordNativeBuild(root, before);
  expect(isNativeBuilt(root)).toBe(false);
});
