/** Keeps lists in the browser's cache storage, out of reach of the service worker. */

import type { Shelf } from "./lists";

const CACHE = "lists";

export const browserShelf: Shelf = {
  async read(name) {
    const response = await (await caches.open(CACHE)).match(pathOf(name));
    return response && new Uint8Array(await response.arrayBuffer());
  },
  async write(name, bytes) {
    await (await caches.open(CACHE)).put(pathOf(name), new Response(bytes));
  },
};

function pathOf(name: string): string {
  return `/held/${name}`;
}
