/** What the user put aside comes first, each with the note. */
import type { Pin } from "../../../contract/domain/pin.ts";
import { shortText } from "../../../contract/text.ts";
import { cleanPicture } from "../pins/clean-picture.ts";
import { html, type Markup } from "./markup.ts";
import { table } from "./table.ts";

export function pinsSection(pins: readonly Pin[]): Markup {
  if (pins.length === 0) return html``;
  return html`<section class="pins"><h2>Pinned</h2>${pins.map(article)}</section>`;
}

function article({ title, note, sentences, picture, table: rows, addedAt, address }: Pin): Markup {
  const day = addedAt.slice(0, 16).replace("T", " ");
  return html`<article><h3>${title}</h3>${paragraphs(note)}
${sentences.map((sentence) => html`<p>${sentence}</p>`)}${picture === null ? undefined : figure(picture, title)}
${rows === null ? undefined : rowsTable(rows)}<p class="note">Pinned ${day} UTC · <code>${shortText(address, 300)}</code></p></article>`;
}

/** The note as it was typed, line by line. */
function paragraphs(note: string): Markup[] {
  const lines = note.split(/\r?\n/).filter((line) => line.trim() !== "");
  return lines.map((line) => html`<p class="user-note">${line}</p>`);
}

/** As an image, a drawing can neither run nor load anything, and meets no style of the page. */
function figure(picture: string, title: string): Markup {
  const clean = cleanPicture(picture);
  if (clean === undefined) return html`<p class="note">The picture of this pin could not be read.</p>`;
  const address = `data:image/svg+xml;base64,${Buffer.from(clean).toString("base64")}`;
  return html`<figure><img src="${address}" alt="${title}"></figure>`;
}

function rowsTable({ columns, rows }: NonNullable<Pin["table"]>): Markup {
  const heads = columns.map((title, index) => (isNumeric(rows, index) ? { title } : { title, left: true as const }));
  return table(
    heads,
    rows.map((row) => columns.map((_, index) => String(row[index] ?? "–"))),
  );
}

function isNumeric(rows: readonly (readonly unknown[])[], column: number): boolean {
  return rows.every((row) => typeof row[column] === "number" || /^[≈−-]?[\d–]/.test(String(row[column] ?? "–")));
}
