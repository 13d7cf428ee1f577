/** Text to token ids and back to rules: the vocabulary of a model, as lm-evaluation-harness would load it. */
import { createHash } from "node:crypto";
import { Tokenizer } from "@huggingface/tokenizers";
import type { Alert } from "../../contract/alerts.ts";
import { DeltaScopeError, thrownMessage } from "../../contract/errors.ts";
import { openSource } from "../source/open-source.ts";
import { quote } from "../source/quote.ts";
import { chatFormat } from "./chat-template.ts";
import { sharingBeginnings } from "./shared-beginnings.ts";
import { readTokenizerFiles, type TokenizerFiles } from "./tokenizer-files.ts";
import { pipelineOf } from "./tokenizer-pipeline.ts";

export interface Vocabulary {
  /** Token ids of a text; special tokens written in it are recognised as such. Throws `tokenizer.invalid`. */
  encode(text: string): number[];
  /** Token that stands for "no context". */
  prefix: number;
  prefixText: string;
  /** Tokens that the tokenizer knows; the model's embedding may have more rows. */
  size: number;
  /** Same = same ids, same prefix token, same chat template. */
  fingerprint: string;
  /** The context as one user turn (after the description as system turn) and the beginning of the answer. */
  chat(context: string, description?: string): string;
  alerts: Alert[];
}

/**
 * Reads tokenizer.json and tokenizer_config.json of a model folder (or Hub id in the cache). `prefixToken` replaces the
 * tokenizer's own bos or eos token. Throws `tokenizer.missing` and `tokenizer.invalid`, and what opening a source does.
 */
export async function openVocabulary(folder: string, prefixToken?: number): Promise<Vocabulary> {
  const source = await openSource(folder);
  // Of a file that was typed by name, only its folder knows the tokenizer.
  const files = await readTokenizerFiles(source.kind === "file" ? await openSource(source.root) : source);
  const { tokenizer, addsTokens, alerts } = build(files);
  const prefix = findPrefix(files, tokenizer, prefixToken);
  const chat = chatFormat(files);
  const encode = (text: string) =>
    checkedIds(tokenizer, text, addsTokens && !text.startsWith(prefix.text), files.where);
  const isLocal = !addsTokens && files.added.every(({ content }) => !content.includes("\n"));
  return {
    encode: isLocal ? sharingBeginnings(encode) : encode,
    prefix: prefix.id,
    prefixText: prefix.text,
    size: new Set([...files.vocabulary.values(), ...files.added.map(({ id }) => id)]).size,
    fingerprint: createHash("sha256").update(files.fingerprint).update(`\0${prefix.id}`).digest("hex"),
    chat,
    alerts,
  };
}

function build(files: TokenizerFiles): { tokenizer: Tokenizer; addsTokens: boolean; alerts: Alert[] } {
  const { pipeline, addsTokens, alerts } = pipelineOf(files);
  try {
    return { tokenizer: new Tokenizer(pipeline, {}), addsTokens, alerts };
  } catch (thrown) {
    const reason = thrownMessage(thrown);
    throw new DeltaScopeError("tokenizer.invalid", `${files.where} cannot be used: ${quote(reason)}`, files.where);
  }
}

/** The tokenizer's bos token, else its eos token, never the ids of config.json: lm-evaluation-harness's choice. */
function findPrefix(files: TokenizerFiles, tokenizer: Tokenizer, wanted: number | undefined) {
  if (wanted !== undefined) {
    const text = tokenizer.id_to_token(wanted);
    if (text !== undefined) return { id: wanted, text };
    throw new DeltaScopeError("tokenizer.invalid", `${files.where} has no token ${wanted}.`, files.where);
  }
  const text = files.beginToken ?? files.endToken;
  const id = tokenizer.token_to_id(text);
  if (id !== undefined) return { id, text };
  const message = `${files.where} does not hold its own end token ${quote(text)}.`;
  throw new DeltaScopeError("tokenizer.invalid", message, files.where);
}

/** A byte without a token comes out as no id at all. */
function checkedIds(tokenizer: Tokenizer, text: string, special: boolean, where: string): number[] {
  const ids: (number | undefined)[] = tokenizer.encode(text, { add_special_tokens: special }).ids;
  if (!ids.includes(undefined)) return ids as number[];
  throw new DeltaScopeError("tokenizer.invalid", `${where} has no token for a part of ${quote(text)}.`, where);
}
