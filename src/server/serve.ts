/** The app for a browser: its files over HTTP, the engine behind a WebSocket, both only for who holds a token. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { DeltaScopeError } from "../contract/errors.ts";
import type { Engine } from "../engine/engine.ts";
import { createGuard, type Guard } from "./guard.ts";
import { plainHeaders, signInHeaders } from "./headers.ts";
import { createSession, type Session } from "./session.ts";
import { comeAgainPage, newAddressPath, signInPage } from "./sign-in.ts";
import { isPage, sendFile } from "./static-files.ts";
import { createSockets } from "./websocket.ts";

const socketPath = "/engine";
/** Anybody who reaches the server may have a new address printed; this keeps the terminal readable. */
const newAddressMilliseconds = 3000;
/** A request's head; ours are far smaller. */
const largestHeadBytes = 16 * 1024;
const headMilliseconds = 10_000;

export interface ServeOptions {
  connect: Engine["connect"];
  /** Folder of the built app. */
  app: string;
  /** Name or address to listen on. */
  host: string;
  /** 0: any free port. */
  port: number;
  /** Further names under which browsers reach this server. */
  allowedHosts: readonly string[];
  /** Shows an address to the user, and to nobody else. */
  print(address: string): void;
}

export interface AppServer {
  port: number;
  /** An address that opens the app once. */
  newAddress(): string;
  /** Says goodbye to every tab and frees the port. */
  close(): Promise<void>;
}

interface Parts {
  options: ServeOptions;
  guard: Guard;
  session: Session;
  newAddress(): string;
  /** When a browser last had an address printed, in milliseconds of the process. */
  printedAt: number;
}

/** @throws DeltaScopeError `server.unavailable` when host and port cannot be listened on */
export async function serveApp(options: ServeOptions): Promise<AppServer> {
  const session = createSession();
  const guard = createGuard(session, [options.host, ...options.allowedHosts]);
  const sockets = createSockets(options.connect);
  const server = createServer({ maxHeaderSize: largestHeadBytes, headersTimeout: headMilliseconds });
  const port = await listen(server, options);
  const newAddress = () => `http://${shownHost(options)}:${port}/?token=${session.newToken()}`;
  const parts: Parts = { options, guard, session, newAddress, printedAt: Number.NEGATIVE_INFINITY };
  server.on("request", (request, response) => void answer(parts, request, response));
  server.on("upgrade", (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    stream.on("error", () => stream.destroy());
    const refusal = refusalOfSocket(guard, request);
    if (refusal === undefined) sockets.accept(request, stream, head);
    else stream.end(`HTTP/1.1 ${refusal}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  });
  return { port, newAddress, close: () => stop(server, sockets.close) };
}

async function listen(server: Server, { host, port }: ServeOptions): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", ({ message }) =>
      reject(new DeltaScopeError("server.unavailable", `${host}:${port} cannot be listened on: ${message}`)),
    );
    server.listen({ host, port }, resolve);
  });
  return (server.address() as AddressInfo).port;
}

/** A server that listens everywhere has no name of its own; the first allowed one leads to it. */
function shownHost({ host, allowedHosts }: ServeOptions): string {
  const everywhere = host === "0.0.0.0" || host === "::";
  const name = everywhere ? (allowedHosts[0] ?? "localhost") : host;
  return name.includes(":") ? `[${name}]` : name;
}

function refusalOfSocket(guard: Guard, request: IncomingMessage): string | undefined {
  const verdict = guard.judge(request, true);
  if (request.url !== socketPath) return "404 Not Found";
  if (verdict.kind === "stranger") return "401 Unauthorized";
  return verdict.kind === "known" ? undefined : "403 Forbidden";
}

async function answer(parts: Parts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const reads = request.method === "GET" || request.method === "HEAD";
  const verdict = parts.guard.judge(request, !reads);
  if (verdict.kind === "foreign-host") return say(response, 403, "This name does not lead to DeltaScope.");
  if (verdict.kind === "foreign-origin") return say(response, 403, "Another page may not do this.");
  const [path = "", query] = (request.url ?? "").split("?", 2);
  if (path === newAddressPath && request.method === "POST") return printAddress(parts, response);
  if (!reads) return say(response, 405, "Only GET is answered here.");
  const token = path === "/" ? new URLSearchParams(query).get("token") : null;
  const known = verdict.kind === "known";
  if (token !== null && request.method === "GET" && (known || parts.session.redeem(token))) {
    return welcome(parts, response, verdict.host);
  }
  if (!known) return refuse(request, response, path);
  const sent = await sendFile(parts.options.app, path, { host: verdict.host, request, response });
  if (!sent) say(response, 404, "There is no such file.");
}

/** The clean address, so that the token stays in no history. */
function welcome({ session }: Parts, response: ServerResponse, host: string): void {
  response.writeHead(303, { ...plainHeaders(), location: "/", "set-cookie": session.cookie(host) }).end();
}

function refuse({ headers }: IncomingMessage, response: ServerResponse, path: string): void {
  if (!isPage(path)) say(response, 401, "This browser is not signed in.");
  else if (headers["sec-fetch-site"] === "cross-site") page(response, 200, comeAgainPage());
  else page(response, 401, signInPage({ asked: false }));
}

function printAddress(parts: Parts, response: ServerResponse): void {
  if (performance.now() - parts.printedAt >= newAddressMilliseconds) {
    parts.printedAt = performance.now();
    parts.options.print(parts.newAddress());
  }
  page(response, 200, signInPage({ asked: true }));
}

function page(response: ServerResponse, status: number, html: string): void {
  response.writeHead(status, { ...signInHeaders(), "content-type": "text/html; charset=utf-8" }).end(html);
}

function say(response: ServerResponse, status: number, sentence: string): void {
  response.writeHead(status, plainHeaders()).end(`${sentence}\n`);
}

async function stop(server: Server, closeSockets: () => Promise<void>): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  await closeSockets();
  server.closeAllConnections();
  await closed;
}
