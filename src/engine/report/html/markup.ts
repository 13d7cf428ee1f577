/** HTML from data: the only way into the page is through `html`, which escapes every value that is not markup itself. */
import { visibleText } from "../../../contract/text.ts";

/** Text that is already safe markup; only this file makes it. */
export class Markup {
  readonly source: string;

  constructor(source: string) {
    this.source = source;
  }
}

type Part = Markup | string | number | undefined | readonly Part[];

const entities: ReadonlyMap<string, string> = new Map([
  ["&", "&amp;"],
  ["<", "&lt;"],
  [">", "&gt;"],
  ['"', "&quot;"],
  ["'", "&#39;"],
]);

function escapeText(text: string): string {
  return visibleText(text).replace(/[&<>"']/g, (character) => entities.get(character) ?? "");
}

function render(part: Part): string {
  if (part instanceof Markup) return part.source;
  if (typeof part === "string") return escapeText(part);
  if (typeof part === "number") return String(part);
  return part === undefined ? "" : part.map(render).join("");
}

/** Tagged template: literal parts are markup, every value is escaped unless it is Markup or a list of it. */
export function html(literals: TemplateStringsArray, ...values: Part[]): Markup {
  const source = literals.reduce((text, literal, index) => text + render(values[index - 1]) + literal);
  return new Markup(source);
}

/** A fixed text of this program, never data. */
export function trusted(source: string): Markup {
  return new Markup(source);
}
