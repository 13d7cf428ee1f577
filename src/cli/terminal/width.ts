/** Columns that text takes on a terminal, and padding and cutting by them. */

const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });
const narrowOnly = /^[\x20-\x7e]*$/;
const wideCluster =
  /\p{Emoji_Presentation}|\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Hangul}|[\u3000-\u303e\uff01-\uff60\uffe0-\uffe6]/u;
const widthlessCluster = /^[\p{M}\p{Cf}\p{Cc}]+$/u;

/** Columns of one line of text; East Asian wide characters and emoji take two. */
export function displayWidth(text: string): number {
  if (narrowOnly.test(text)) return text.length;
  let width = 0;
  for (const { segment } of segmenter.segment(text)) width += clusterWidth(segment);
  return width;
}

function clusterWidth(cluster: string): number {
  if (widthlessCluster.test(cluster)) return 0;
  return wideCluster.test(cluster) ? 2 : 1;
}

export function padStart(text: string, width: number): string {
  return " ".repeat(Math.max(0, width - displayWidth(text))) + text;
}

export function padEnd(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - displayWidth(text)));
}

/** Text cut to `width` columns, its end replaced by an ellipsis when something was cut. */
export function fit(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  let kept = "";
  let used = 0;
  for (const { segment } of segmenter.segment(text)) {
    const next = used + clusterWidth(segment);
    if (next > width - 1) break;
    kept += segment;
    used = next;
  }
  return width < 1 ? "" : `${kept}…`;
}

/** Lines of at most `width` columns, broken at spaces but never before a unit or a percent sign; spaces inside are kept. */
export function wrap(text: string, width: number, indent = ""): string[] {
  const [first = "", ...words] = text.split(/ (?!%|s\b|pp\b)/);
  const lines: string[] = [];
  let line = first;
  for (const word of words) {
    if (line.trim() !== "" && displayWidth(line) + 1 + displayWidth(word) > width) {
      lines.push(line);
      line = indent + word;
    } else {
      line = `${line} ${word}`;
    }
  }
  return [...lines, line];
}
