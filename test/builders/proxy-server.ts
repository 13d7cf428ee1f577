/** A proxy on the loopback as companies have them: plain HTTP passed on, tunnels for HTTPS. */
import { once } from "node:events";
import { createServer, request } from "node:http";
import { type AddressInfo, connect } from "node:net";

export interface ProxyServer {
  address: string;
  /** What was asked of it: "GET http://host/path" or "CONNECT host:port", without queries. */
  seen: string[];
  close(): Promise<void>;
}

/** @param ports where a host of that name really listens; tunnels to other hosts are refused */
export async function startProxy(ports: Readonly<Record<string, number>>): Promise<ProxyServer> {
  const seen: string[] = [];
  const server = createServer((asked, answer) => {
    const url = new URL(asked.url ?? "");
    seen.push(`${asked.method} ${url.origin}${url.pathname}`);
    const to = { host: "127.0.0.1", port: ports[url.hostname] ?? url.port, path: url.pathname + url.search };
    request({ ...to, method: asked.method, headers: asked.headers }, (got) => {
      answer.writeHead(got.statusCode ?? 502, got.headers);
      got.pipe(answer);
    })
      .on("error", () => answer.destroy())
      .end();
  });
  server.on("connect", ({ url = "" }, client) => {
    seen.push(`CONNECT ${url}`);
    const port = ports[url.split(":")[0] ?? ""];
    if (port === undefined) return client.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
    const target = connect(port, "127.0.0.1", () => {
      client.write("HTTP/1.1 200 Connection established\r\n\r\n");
      client.pipe(target).pipe(client);
    });
    for (const socket of [target, client]) socket.on("error", () => socket.destroy());
    return undefined;
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
