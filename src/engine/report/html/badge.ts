/** The letter of a run, in its colour; the letter says it where colour does not. */
import { shortText } from "../../../contract/text.ts";
import { html, type Markup } from "./markup.ts";

const colours = 6;

function runLetter(index: number): string {
  return index < 26 ? String.fromCharCode(65 + index) : String(index + 1);
}

export function runBadge(index: number): Markup {
  return html`<span class="badge run-${index % colours}">${runLetter(index)}</span>`;
}

export function runTitle(run: { label: string }, index: number): Markup {
  return html`<span class="run">${runBadge(index)}<span>${shortText(run.label)}</span></span>`;
}
