/** What a file really is that bears the name of a safetensors file, told by its first bytes. */
import { openRegular } from "./regular-file.ts";

/** Longest beginning that is looked at: a whole pointer of Git LFS, whose third line tells a size. */
const HEAD_BYTES = 256;

const BEGINNINGS: readonly (readonly [string, string])[] = [
  ["PK\x03\x04", "a pickle file of torch, or another archive"],
  // Versions of the format from Python 3.0 on.
  ...["\x02", "\x03", "\x04", "\x05"].map((version) => [`\x80${version}`, "a pickle file"] as const),
  ["GGUF", "a GGUF file"],
];
const WEB_PAGE = /^\s{0,16}<(?:!doctype|html|\?xml)/i;

/** A sentence about the file at `path`, or undefined where nothing is known by its beginning. */
export async function takenFor(path: string): Promise<string | undefined> {
  const head = await readHead(path).catch(() => "");
  const pointer = /^version https:\/\/git-lfs\.[^\n]{0,100}\n/.test(head);
  if (pointer) {
    const size = /\nsize (\d{1,15})\n/.exec(head)?.[1];
    const weights = size === undefined ? "The weights" : `The weights, ${size} bytes,`;
    return `It is a pointer of Git LFS. ${weights} were never loaded: run \`git lfs pull\` in its folder.`;
  }
  const kind = WEB_PAGE.test(head) ? "a web page" : BEGINNINGS.find(([beginning]) => head.startsWith(beginning))?.[1];
  return kind === undefined ? undefined : `It is ${kind} under this name.`;
}

/** As Latin-1, so that every byte is one character. */
async function readHead(path: string): Promise<string> {
  const file = await openRegular(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    return buffer.toString("latin1", 0, bytesRead);
  } finally {
    await file.close();
  }
}
