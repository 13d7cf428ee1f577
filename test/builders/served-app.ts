/** The app's server on a small built app, and a browser's requests to it, honest or not. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { WebSocket } from "ws";
import { type AppServer, type ServeOptions, serveApp } from "../../src/server/serve.ts";
import { type FakeAnswers, fakeEngine } from "./fake-engine.ts";

export interface Answered {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

export interface ServedApp {
  server: AppServer;
  /** `127.0.0.1:PORT`. */
  host: string;
  /** What the server printed since it was started. */
  printed: string[];
  ask(path: string, options?: { method?: string; headers?: OutgoingHttpHeaders }): Promise<Answered>;
  /** Redeems a new address; the answer is the cookie as a browser sends it. */
  signIn(): Promise<string>;
  /** Opens a socket as the app's page does, with what `headers` say otherwise. */
  socket(cookie: string, headers?: Record<string, string>): WebSocket;
}

export async function servedApp(
  answers: FakeAnswers = {},
  options: Partial<Omit<ServeOptions, "connect" | "app" | "print">> = {},
): Promise<ServedApp> {
  const folder = mkdtempSync(join(tmpdir(), "deltascope-app-"));
  buildSmallApp(folder);
  const printed: string[] = [];
  const { connect } = await fakeEngine(answers)({});
  const server = await serveApp({
    host: "127.0.0.1",
    port: 0,
    allowedHosts: [],
    ...options,
    connect,
    app: join(folder, "app"),
    print: (address) => printed.push(address),
  });
  onTestFinished(async () => {
    await server.close();
    rmSync(folder, { recursive: true });
  });
  const host = `127.0.0.1:${server.port}`;
  const ask: ServedApp["ask"] = (path, { method = "GET", headers = {} } = {}) =>
    askServer(server.port, { path, method, headers: { host, ...headers } });
  return {
    server,
    host,
    printed,
    ask,
    signIn: async () => {
      const { search } = new URL(server.newAddress());
      const { headers } = await ask(`/${search}`);
      return headers["set-cookie"]?.[0]?.split(";")[0] ?? "";
    },
    socket: (cookie, headers = {}) =>
      new WebSocket(`ws://${host}/engine`, { headers: { cookie, origin: `http://${host}`, ...headers } }),
  };
}

function buildSmallApp(folder: string): void {
  mkdirSync(join(folder, "app", "assets"), { recursive: true });
  writeFileSync(join(folder, "app", "index.html"), "<!doctype html><title>the app</title>");
  writeFileSync(join(folder, "app", "assets", "main-3f9a.js"), "export {};");
  writeFileSync(join(folder, "app", "assets", "notes.md"), "not served");
  writeFileSync(join(folder, "app", ".hidden.js"), "not served");
  writeFileSync(join(folder, "secret.js"), "secret");
}

/** Sends the path as it is, dots and all; `fetch` would tidy it up first. */
function askServer(
  port: number,
  asked: { path: string; method: string; headers: OutgoingHttpHeaders },
): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: "127.0.0.1", port, agent: false, ...asked }, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (text: string) => {
        body += text;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
    });
    sent.on("error", reject);
    sent.end();
  });
}

/** Code of the close, or status of the refused upgrade. */
export function endOf(socket: WebSocket): Promise<{ code: number } | { status: number }> {
  return new Promise((resolve) => {
    socket.on("unexpected-response", (_request, { statusCode }) => resolve({ status: statusCode ?? 0 }));
    socket.on("close", (code) => resolve({ code }));
    socket.on("error", () => undefined);
  });
}
