/** Tables of the report. */
import { html, type Markup } from "./markup.ts";

export interface Head {
  title: string;
  left?: true;
}

export type Cell = string | Markup;

export function table(heads: readonly Head[], rows: readonly (readonly Cell[])[]): Markup {
  const align = (index: number): Markup | undefined => (heads[index]?.left ? html` class="left"` : undefined);
  return html`<div class="scroll"><table><thead><tr>${heads.map(({ title }, index) => html`<th${align(index)} scope="col">${title}</th>`)}</tr></thead>
<tbody>${rows.map((row) => html`<tr>${row.map((cell, index) => html`<td${align(index)}>${cell}</td>`)}</tr>`)}</tbody></table></div>`;
}
