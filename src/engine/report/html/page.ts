/** The frame of every page: no script, nothing loaded, light, dark and print. */
import { html, type Markup, trusted } from "./markup.ts";
import { styles } from "./styles.ts";

const policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

export interface Page {
  title: string;
  heading: string;
  /** ISO 8601. */
  startedAt: string;
  version: string;
  sections: readonly Markup[];
}

/** @returns the HTML source */
export function page({ title, heading, startedAt, version, sections }: Page): string {
  const date = startedAt.slice(0, 16).replace("T", " ");
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="referrer" content="no-referrer">
<title>${title}</title><style>${trusted(styles)}</style></head><body>
<header><h1>${heading}</h1><p class="note">${date} UTC · DeltaScope ${version}</p></header>
<main>${sections}</main>
</body></html>
`.source;
}
