/** Which files of the built app are handed to a page, whoever hands them: the server, or the desktop's own scheme. */

/** Other files are not served. */
export const appFileTypes: ReadonlyMap<string, string> = new Map([
  [".html", "text/html; charset=utf-8"],
  [".js", "text/javascript; charset=utf-8"],
  [".css", "text/css; charset=utf-8"],
  [".json", "application/json"],
  [".svg", "image/svg+xml"],
  [".png", "image/png"],
  [".woff2", "font/woff2"],
  [".woff", "font/woff"],
]);

/** One folder, no leading dot, no separator in the name: nothing outside the app's folder can be named. */
export const appFilePath = /^\/(assets\/)?[A-Za-z0-9_][A-Za-z0-9_.-]{0,200}$/;
