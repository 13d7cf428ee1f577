// Tells whether the native part is built from its sources as they are, by content. cargo cannot: napi's command line sets
// variables that cargo follows, another one on the first build, none in lints and tests, and each change compiles again.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const sources = [
  "native/Cargo.toml",
  "native/Cargo.lock",
  "native/napi.json",
  "native/crates",
  "tools/build-native.mjs",
];
const made = ["native/deltascope.node", "native/addon.d.ts"];
/** Folders of a crate that the addon is not made from. */
const besides = new Set(["tests", "examples"]);
const record = "native/target/addon-record.json";

/**
 * Digest of what the addon is made from, to be taken before it is built: sources may change meanwhile.
 * @param {string} root
 */
export function nativeSources(root) {
  return digest(root, sources, process.env.RUSTFLAGS);
}

/**
 * Whether the addon and its declarations are those of the last build, and that build was of these sources.
 * @param {string} root
 */
export function isNativeBuilt(root) {
  if (!existsSync(join(root, record))) return false;
  return readFileSync(join(root, record), "utf8") === recordText(root, nativeSources(root));
}

/**
 * Keeps what was just built, from which sources.
 * @param {string} root
 * @param {string} from the digest taken before the build
 */
export function recordNativeBuild(root, from) {
  mkdirSync(dirname(join(root, record)), { recursive: true });
  writeFileSync(join(root, record), recordText(root, from));
}

/**
 * @param {string} root
 * @param {string} from
 */
function recordText(root, from) {
  return `${JSON.stringify({ sources: from, made: digest(root, made) })}\n`;
}

/**
 * @param {string} root
 * @param {readonly string[]} paths
 */
function digest(root, paths, first = "") {
  const hash = createHash("sha256").update(`${first}\0`);
  for (const path of paths.flatMap((path) => filesOf(root, path))) {
    const bytes = readFileSync(join(root, path));
    hash.update(`${path}\0${bytes.length}\0`).update(bytes);
  }
  return hash.digest("hex");
}

/**
 * The file itself, the files below a folder in a fixed order, or nothing where nothing is.
 * @param {string} root
 * @param {string} path
 * @returns {string[]}
 */
function filesOf(root, path) {
  if (!existsSync(join(root, path))) return [];
  if (!statSync(join(root, path)).isDirectory()) return [path];
  const names = readdirSync(join(root, path)).filter((name) => !besides.has(name));
  return names.sort().flatMap((name) => filesOf(root, `${path}/${name}`));
}
