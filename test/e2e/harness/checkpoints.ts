/** Checkpoints that stories open: copies of the demo's, small ones of other shapes, one that takes its time, and attacks. */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { writeAdapter, writeCheckpoint } from "../../builders/checkpoint.ts";

const project = join(import.meta.dirname, "../../..");

/** Copies some of the demo's folders below `folder`. */
export function copyDemo(folder: string, names: readonly string[]): void {
  for (const name of names) cpSync(join(project, "demo", name), join(folder, name), { recursive: true });
}

/** Two bases of different widths and an adapter of the wider one whose configuration names a stranger. */
export function writeMismatch(folder: string): void {
  const wide = { hidden: 32, intermediate: 48, keyValue: 16 };
  writeCheckpoint(join(folder, "small-base"));
  writeCheckpoint(join(folder, "wide-base"), { shape: wide, seed: 5 });
  writeAdapter(join(folder, "wide-adapter"), { shape: wide, config: { base_model_name_or_path: "nobody/elsewhere" } });
}

const slowLayers = 12;
/** Matrices of the pair that takes its time. */
export const slowModules = 7 * slowLayers;

/** A pair of the 0.5B shape, cut to some layers: seconds of work, so that it can be cancelled on the way. */
export function makeSlowPair(folder: string): void {
  const shape = ["--shape", "qwen2.5-0.5b", "--layers", String(slowLayers), "--no-embeddings"];
  runMaker([...shape, "--out", join(folder, "base")]);
  runMaker([...shape, "--out", join(folder, "tuned"), "--adapter", "r=8,alpha=16,strength=2,targets=all"]);
}

function runMaker(words: readonly string[]): void {
  const { status, stderr } = spawnSync(process.execPath, ["tools/make-checkpoint/main.ts", ...words], { cwd: project });
  if (status !== 0) throw new Error(`make-checkpoint failed: ${stderr}`);
}

/** Everything that a name or a configuration may hold against the page that shows it. */
export const hostileName = '<img src=x onerror=alert(1)> \u202Egnp.evil\u202C "&amp;';
/** As people have to see it. */
export const shownHostileName = '<img src=x onerror=alert(1)> ⟨U+202E⟩gnp.evil⟨U+202C⟩ "&amp;';

/** A pair whose tuned folder, configuration and metadata are hostile. */
export function writeHostile(folder: string): void {
  writeCheckpoint(join(folder, "base"));
  writeAdapter(join(folder, hostileName), {
    config: { base_model_name_or_path: `../base`, revision: `<script>alert(2)</script>${"x".repeat(100_000)}` },
    metadata: { format: "pt", note: "\u0000\u0007<b>bold</b>".repeat(1000) },
  });
}

/** A folder of small files that are no checkpoints. */
export function writeManyFiles(folder: string, count: number): void {
  mkdirSync(folder, { recursive: true });
  for (let index = 0; index < count; index += 1) writeFileSync(join(folder, `note-${index}.txt`), "nothing");
}

/** Only a pickle file, which is never opened. */
export function writePickle(folder: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "config.json"), "{}");
  writeFileSync(join(folder, "pytorch_model.bin"), "cos\nsystem\n(S'true'\ntR.");
}
