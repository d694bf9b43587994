/// <reference lib="webworker" />
/** The service worker: opens a page without a network. It keeps files of the build only, and nothing that the API says. */

import type { Shells } from "./shell";

declare const self: ServiceWorkerGlobalScope;
declare const __SHELLS__: Shells;

const page = new URL(self.location.href).searchParams.get("page") ?? "";
const shell = __SHELLS__[page];
const PREFIX = `shell-${page}-`;
const cacheName = PREFIX + (shell?.version ?? "");

self.addEventListener("install", (event) => {
  if (shell) event.waitUntil(store(shell.files));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(dropOthers());
});

self.addEventListener("fetch", (event) => {
  const path = shellPath(event.request);
  if (path) event.respondWith(fromShell(path, event.request));
});

/** The file that answers a request; `undefined` leaves it to the network. */
function shellPath(request: Request): string | undefined {
  const url = new URL(request.url);
  if (!shell || request.method !== "GET" || url.origin !== self.location.origin) return undefined;
  if (request.mode === "navigate") return opens(url.pathname, shell.path) ? shell.html : undefined;
  return [...shell.files, ...shell.later].includes(url.pathname) ? url.pathname : undefined;
}

/** Whether the page that lives at `path` answers an address: below the start lie other pages, below a page its own parts. */
function opens(address: string, path: string): boolean {
  return path === "/" ? address === path : address.startsWith(path);
}

async function fromShell(path: string, request: Request): Promise<Response> {
  const cache = await caches.open(cacheName);
  const kept = await cache.match(path);
  if (kept) return kept;
  const fetched = await fetch(request);
  if (fetched.ok && shell?.later.includes(path)) await cache.put(path, fetched.clone());
  return fetched;
}

async function store(files: readonly string[]): Promise<void> {
  const cache = await caches.open(cacheName);
  await cache.addAll(files.map((file) => new Request(file, { cache: "no-cache" })));
  await self.skipWaiting();
}

async function dropOthers(): Promise<void> {
  for (const name of await caches.keys()) {
    if (name.startsWith(PREFIX) && name !== cacheName) await caches.delete(name);
  }
  await self.clients.claim();
}
