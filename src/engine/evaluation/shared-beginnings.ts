/** Choices of one item share a long context: its beginning is encoded once. */

type Encode = (text: string) => number[];

const LINE_FEED = 0x0a;

/**
 * The same ids as `encode`, which must be Qwen's steps. Their pattern always begins a new piece at a Latin letter after
 * a line feed, and no text is normalised across it, so what stands before such a place has ids of its own.
 */
export function sharingBeginnings(encode: Encode): Encode {
  let known = { text: "", ids: [] as number[] };
  return (text) => {
    const cut = lastLineStart(text);
    if (cut === 0) return encode(text);
    const beginning = text.slice(0, cut);
    if (known.text !== beginning) known = { text: beginning, ids: encode(beginning) };
    return [...known.ids, ...encode(text.slice(cut))];
  };
}

/** Place of the last Latin letter that follows a line feed; 0 where there is none. */
function lastLineStart(text: string): number {
  for (let at = text.length - 1; at > 0; at--)
    if (text.charCodeAt(at - 1) === LINE_FEED && isLatin(text.charCodeAt(at))) return at;
  return 0;
}

function isLatin(code: number): boolean {
  return (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a);
}
