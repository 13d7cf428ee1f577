/**
 * One HTTP exchange by Node's own client, as a `Response`. Its agents know HTTPS_PROXY, HTTP_PROXY and NO_PROXY;
 * `fetch` knows them only by a switch at the start of the process, which a malformed variable then ends.
 */
import { Agent as HttpAgent, type IncomingMessage, request as overHttp } from "node:http";
import { Agent as HttpsAgent, request as overHttps } from "node:https";
import { Readable } from "node:stream";

const agents = {
  plain: new HttpAgent({ keepAlive: true, proxyEnv: process.env }),
  secure: new HttpsAgent({ keepAlive: true, proxyEnv: process.env }),
};
/** Answers that have no body, whatever comes after them. */
const WITHOUT_BODY = new Set([204, 205, 304]);

/** Follows no redirects and decodes nothing. @throws what the connection throws, an `AbortError` after the signal */
export async function exchange(url: URL, headers: Record<string, string>, signal: AbortSignal): Promise<Response> {
  const message = await new Promise<IncomingMessage>((resolve, reject) => {
    const isSecure = url.protocol === "https:";
    const [send, agent] = isSecure ? ([overHttps, agents.secure] as const) : ([overHttp, agents.plain] as const);
    // Compressed answers would not be the file's bytes.
    const all = { accept: "*/*", "accept-encoding": "identity", "user-agent": "deltascope", ...headers };
    send(url, { agent, headers: all, signal }).on("response", resolve).on("error", reject).end();
  });
  const status = message.statusCode ?? 0;
  if (!WITHOUT_BODY.has(status)) return new Response(bodyOf(message), { status, headers: headersOf(message) });
  message.resume();
  return new Response(null, { status, headers: headersOf(message) });
}

function bodyOf(message: IncomingMessage): ReadableStream<Uint8Array> {
  return Readable.toWeb(message) as ReadableStream<Uint8Array>;
}

function headersOf({ headersDistinct }: IncomingMessage): Headers {
  const headers = new Headers();
  for (const [name, values] of Object.entries(headersDistinct))
    for (const value of values ?? []) headers.append(name, value);
  return headers;
}
