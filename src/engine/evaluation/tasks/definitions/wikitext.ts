import { countBytes, countWords, trim } from "../../text-rules.ts";
import { type Definition, textOf } from "./definition.ts";

export const wikitext: Definition = {
  key: "wikitext",
  title: "WikiText-2",
  kind: "text",
  metric: "bits_per_byte",
  repository: "EleutherAI/wikitext_document_level",
  configuration: "wikitext-2-raw-v1",
  split: "test",
  items: 62,
  columns: undefined,
  convert(row) {
    const page = textOf(row, "page");
    return { text: detokenize(page), words: countWords(page), bytes: countBytes(page) };
  },
};

const SEPARATORS = [" @-@ ", " @,@ ", " @.@ "];
const PUNCTUATION = [":", ";", ".", "!", "?", ","];
const PAIRS = ["()", "[]", "{}", '""', "''"];
const LAST = [
  ["= = = =", "===="],
  ["= = =", "==="],
  ["= =", "=="],
  [" \u00b0 ", "\u00b0"],
  [" \n", "\n"],
  ["\n ", "\n"],
  [" N ", " 1 "],
  [" 's", "'s"],
] as const;

/** lm-evaluation-harness's detokenizer of the task; words and bytes are counted before it. */
function detokenize(page: string): string {
  let text = page.replaceAll("s '", "s'").replace(/\/' [0-9]\//g, "/'[0-9]/");
  for (const separator of SEPARATORS) text = text.replaceAll(separator, separator.charAt(2));
  for (const mark of PUNCTUATION) text = text.replaceAll(` ${mark} `, `${mark} `);
  for (const pair of PAIRS) text = tighten(text, pair.charAt(0), pair.charAt(1));
  for (const [from, to] of LAST) text = text.replaceAll(from, to);
  return text;
}

/** `re.sub(r"\(\s*([^\)]*?)\s*\)", r"(\1)")`, in one pass: the pattern itself would take quadratic time. */
function tighten(text: string, open: string, close: string): string {
  let out = "";
  let from = 0;
  for (let start = text.indexOf(open); start !== -1; start = text.indexOf(open, from)) {
    const end = text.indexOf(close, start + 1);
    if (end === -1) break;
    out += text.slice(from, start) + open + trim(text.slice(start + 1, end)) + close;
    from = end + 1;
  }
  return out + text.slice(from);
}
