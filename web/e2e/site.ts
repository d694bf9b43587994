/**
 * A small server on this machine: the built pages, and what the tests put beside them.
 *
 * With `E2E_BASE_URL` the pages come from there, such as from a node, and the rest still from the tests.
 */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { readFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";

const DIST = fileURLToPath(new URL("../dist", import.meta.url));

const TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
  ".webmanifest": "application/manifest+json",
};

export class Site {
  /** What is served beside the pages. */
  readonly served = new Map<string, Buffer>();
  /** What was posted, by path. */
  readonly posted: { path: string; body: unknown; key: string | undefined }[] = [];

  private constructor(private readonly server: Server) {}

  static async open(): Promise<Site> {
    const server = createServer();
    const site = new Site(server);
    server.on("request", (request, response) => void site.answer(request, response));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return site;
  }

  get url(): string {
    return `http://localhost:${(this.server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? "/", this.url).pathname;
    if (request.method === "POST") {
      const key = request.headers["idempotency-key"] as string | undefined;
      this.posted.push({ path, body: JSON.parse(await text(request)), key });
      response.writeHead(201).end();
      return;
    }
    const content = this.served.get(path) ?? (await page(path));
    if (content) response.writeHead(200, headers(path)).end(content);
    else response.writeHead(404, { "Content-Type": "application/problem+json" }).end('{"code":"not_found","title":"Not found"}');
  }
}

/** The strictest policy under which the pages work. */
const POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
  "manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

function headers(path: string): Record<string, string> {
  const type = path.endsWith("/") ? TYPES[".html"] : TYPES[extname(path)];
  return { "Content-Type": type ?? "application/octet-stream", "Content-Security-Policy": POLICY };
}

async function page(path: string): Promise<Buffer | undefined> {
  const base = process.env.E2E_BASE_URL;
  if (base) {
    const response = await fetch(new URL(path, base));
    return response.ok ? Buffer.from(await response.arrayBuffer()) : undefined;
  }
  const file = join(DIST, path.endsWith("/") ? `${path}index.html` : path);
  return readFile(file).catch(() => undefined);
}

/** A market on record where codes are checked until this time in Unix seconds. */
export function placeUntil(until: number): Buffer {
  const checked = { class: "venue", level: "medium", strictness: "ordinary", staffed: true, legal_basis: "鄂防指发〔2020〕83 号" };
  return Buffer.from(JSON.stringify({ ...checked, until: new Date(until * 1000).toISOString() }));
}

async function text(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}
