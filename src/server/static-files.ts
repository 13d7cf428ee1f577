/** The built app as files: only names of one form, only types of one table. */
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { extname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { appFilePath, appFileTypes } from "../contract/app-files.ts";
import { appHeaders } from "./headers.ts";

/** Views of the app: the page of each is the same document. */
const views = ["library", "compare", "inspector", "spectra", "forgetting", "training", "theory", "settings"];
const viewPath = new RegExp(`^/((${views.join("|")})(/.*)?)?$`);

/** Whether the app has a page at this path. */
export function isPage(path: string): boolean {
  return viewPath.test(path);
}

/** Answers with the file that `path` names. False when there is none; then nothing was answered. */
export async function sendFile(
  folder: string,
  path: string,
  { host, request, response }: { host: string; request: IncomingMessage; response: ServerResponse },
): Promise<boolean> {
  const name = isPage(path) ? "/index.html" : path;
  const type = appFileTypes.get(extname(name));
  if (type === undefined || !appFilePath.test(name)) return false;
  const file = join(folder, name);
  const found = await stat(file).catch(() => undefined);
  if (!found?.isFile()) return false;
  response.writeHead(200, {
    ...appHeaders(host),
    "content-type": type,
    "content-length": found.size,
    // Names under assets/ carry a hash of their content.
    "cache-control": name.startsWith("/assets/") ? "private, max-age=31536000, immutable" : "no-store",
  });
  if (request.method === "HEAD") response.end();
  else await pipeline(createReadStream(file), response).catch(() => response.destroy());
  return true;
}
