/** Which of many dropped paths are worth opening. */
import { formatCount } from "../../../../src/contract/format.ts";

/** `library.add` takes no more at once; whoever drops more means a folder. */
export const mostPaths = 1000;

export interface DropPlan {
  /** Folders, checkpoints and adapters, without repetition. */
  paths: string[];
  /** Files that are surely no checkpoint. */
  skipped: number;
  /** Paths beyond the limit. */
  beyond: number;
}

const weights = /\.(safetensors|bin|pt|pth|ckpt|gguf|safetensors\.index\.json)$/i;
const configuration = /[\\/](adapter_config|config)\.json$/i;
/** Folders have dots too ("Qwen2.5"), but hardly such an ending. */
const otherFile = /\.[a-z][a-z0-9]{0,11}$/i;
/** A handful is opened whatever it is called: the engine says best what it is not. */
const handful = 20;

/** A weight file or folder stands for itself, a configuration for its folder; of many, other files for nothing. */
export function planDrop(dropped: readonly string[]): DropPlan {
  const wanted = new Set<string>();
  let skipped = 0;
  for (const path of dropped) {
    if (configuration.test(path)) wanted.add(path.replace(configuration, ""));
    else if (dropped.length <= handful || weights.test(path) || !otherFile.test(path)) wanted.add(path);
    else skipped += 1;
  }
  const paths = [...wanted];
  return { paths: paths.slice(0, mostPaths), skipped, beyond: Math.max(0, paths.length - mostPaths) };
}

/** One sentence about what was left aside; undefined when nothing was. */
export function leftAside({ skipped, beyond }: DropPlan, dropped: number): string | undefined {
  if (beyond > 0) {
    return `${formatCount(dropped)} files were dropped, more than the ${formatCount(mostPaths)} that are looked at. Drop the folder instead.`;
  }
  if (skipped === 0) return undefined;
  return `${formatCount(skipped)} of ${formatCount(dropped)} dropped files are no checkpoint and were left aside.`;
}
