/** Contexts as chat turns. A template from a file is hostile: it is rendered once, bounded, and never sees an item. */
import { createContext, runInContext } from "node:vm";
import { Environment, Interpreter, parse, tokenize } from "@huggingface/jinja";
import { DeltaScopeError, thrownMessage } from "../../contract/errors.ts";
import { quote } from "../source/quote.ts";
import { trim } from "./text-rules.ts";
import { TEMPLATE_BYTES_MAXIMUM, type TokenizerFiles } from "./tokenizer-files.ts";

/** Qwen's template takes a few milliseconds; the rest is for a busy machine. Memory cannot grow much in it either. */
const MILLISECONDS_MAXIMUM = 1000;
/** Text that a template may put around a turn, beside its own. */
const RENDERED_MAXIMUM = 4 * TEMPLATE_BYTES_MAXIMUM;

/** Stand for the turns' texts in the one rendering; the spaces show whether the template trims them. */
const PADDING = " \n";
const SYSTEM_MARK = "\u{e000}system\u{e001}";
const USER_MARK = "\u{e000}user\u{e001}";

type ChatFiles = Pick<TokenizerFiles, "chatTemplate" | "beginToken" | "endToken" | "where">;
type Format = (context: string, description?: string) => string;

/** Formats one user turn with the generation prompt, after a system turn if there is a description. */
export function chatFormat(files: ChatFiles): Format {
  let plain: Format | undefined;
  let described: Format | undefined;
  return (context, description = "") => {
    if (description === "") {
      plain ??= makeFormat(files, false);
      return plain(context);
    }
    described ??= makeFormat(files, true);
    return described(context, description);
  };
}

function makeFormat(files: ChatFiles, withSystem: boolean): Format {
  const rendered = render(
    files,
    withSystem ? [turn("system", SYSTEM_MARK), turn("user", USER_MARK)] : [turn("user", USER_MARK)],
  );
  const marks = withSystem ? [SYSTEM_MARK, USER_MARK] : [USER_MARK];
  const places = marks.map((mark) => findPlace(rendered, mark, files.where));
  const pieces = marks.map((_, index) => rendered.slice(places[index - 1]?.end ?? 0, places[index]?.start));
  const last = rendered.slice(places.at(-1)?.end);
  if (places.some((place, index) => place.start < (places[index - 1]?.end ?? 0)))
    throw refuse(files.where, "puts the user's turn before the system's");
  return (context, description = "") => {
    const texts = withSystem ? [description, context] : [context];
    const turns = texts.map((text, index) => pieces[index] + (places[index]?.trims ? trim(text) : text));
    return turns.join("") + last;
  };
}

function turn(role: string, mark: string) {
  return { role, content: PADDING + mark + PADDING };
}

interface Place {
  start: number;
  end: number;
  /** The template takes white space off both ends of the text. */
  trims: boolean;
}

/** Where the turn's text went. Templates that change it, leave it out, or write it twice are refused. */
function findPlace(rendered: string, mark: string, where: string): Place {
  const at = rendered.indexOf(mark);
  if (at === -1 || at !== rendered.lastIndexOf(mark)) throw refuse(where, "does not write each turn exactly once");
  const end = at + mark.length;
  const padded = [at - PADDING.length, end + PADDING.length] as const;
  if (rendered.slice(...padded) === PADDING + mark + PADDING) return { start: padded[0], end: padded[1], trims: false };
  if (rendered.slice(at - PADDING.length, at) === PADDING || rendered.slice(end, padded[1]) === PADDING)
    throw refuse(where, "takes white space off one end of a turn only");
  return { start: at, end, trims: true };
}

function render(files: ChatFiles, messages: object[]): string {
  const { chatTemplate, where } = files;
  if (chatTemplate === undefined)
    throw new DeltaScopeError("tokenizer.invalid", `${where} comes without a chat template.`, where);
  const values = {
    messages,
    add_generation_prompt: true,
    bos_token: files.beginToken ?? "",
    eos_token: files.endToken,
    tools: null,
    documents: null,
  };
  const text = withinTime(() => interpret(chatTemplate, values), where);
  if (text.length > RENDERED_MAXIMUM) throw refuse(where, `writes ${text.length} characters around one turn`);
  return text;
}

/** The time limit of a script holds for every function that it calls, so no separate thread is needed. */
function withinTime(work: () => string, where: string): string {
  const context = createContext({ work });
  try {
    return String(runInContext("work()", context, { timeout: MILLISECONDS_MAXIMUM }));
  } catch (thrown) {
    const reason = thrownMessage(thrown);
    throw refuse(where, `cannot be rendered: ${quote(reason)}`);
  }
}

/** As transformers renders: blocks take the line break after them and the white space before them. No clock. */
function interpret(template: string, values: Record<string, unknown>): string {
  const environment = new Environment();
  for (const [name, value] of Object.entries({ ...CONSTANTS, ...values })) environment.set(name, value);
  const program = parse(tokenize(template, { lstrip_blocks: true, trim_blocks: true }));
  return String(new Interpreter(environment).run(program).value);
}

const CONSTANTS = {
  true: true,
  True: true,
  false: false,
  False: false,
  none: null,
  None: null,
  range: boundedRange,
  raise_exception: (message: unknown) => {
    throw new Error(String(message));
  },
};

/** Longer ranges could fill the memory within the time limit. */
const RANGE_MAXIMUM = 1000;

/** Python's `range`. */
function boundedRange(start: number, stop?: number, step = 1): number[] {
  const [from, to] = stop === undefined ? [0, start] : [start, stop];
  const length = Math.max(0, Math.ceil((to - from) / step));
  if (!(length <= RANGE_MAXIMUM)) throw new Error(`range() of ${length} numbers`);
  return Array.from({ length }, (_, index) => from + index * step);
}

function refuse(where: string, what: string): DeltaScopeError {
  return new DeltaScopeError("tokenizer.invalid", `${where}: its chat template ${what}.`, where);
}
