/** What a browser sees that this server does not know: how to get an address that works. */

/** Where its form is sent; the answer is this page again. */
export const newAddressPath = "/new-address";

export function signInPage(state: { asked: boolean }): string {
  const words = state.asked
    ? "<p>A new address stands in the terminal that runs <code>deltascope serve</code>. Open it here.</p>"
    : `<p>Each address that <code>deltascope serve</code> prints opens the app once, in one browser.
    Open the newest one from its terminal, or have it print another.</p>
    <form method="post" action="${newAddressPath}"><button>Print a new address in the terminal</button></form>`;
  return document("", `<h1>This browser is not signed in</h1>\n    ${words}`);
}

/**
 * Browsers keep a SameSite=Strict cookie back when a link on another site leads here. The same address, asked for by
 * a page of ours, brings it along.
 */
export function comeAgainPage(): string {
  return document('<meta http-equiv="refresh" content="0">', "<p>Opening DeltaScope.</p>");
}

function document(head: string, body: string): string {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    ${head}
    <title>DeltaScope: not signed in</title>
    <style>
      :root { color-scheme: light dark; }
      body { font: 15px/1.5 system-ui, sans-serif; max-width: 32em; margin: 18vh auto; padding: 0 1em; }
      h1 { font-size: 1.2em; }
      button { font: inherit; padding: 0.3em 0.8em; }
    </style>
  </head>
  <body>
    <main>
    ${body}
    </main>
  </body>
</html>
`;
}
