/** A step of the build: tells the service worker which files each page needs to open without a network. */

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Plugin } from "vite";
import type { Shells } from "../src/worker/shell";

const PAGES = {
  resident: { path: "/", html: "index.html", extra: ["resident.webmanifest", "icon.svg"] },
  checkpoint: { path: "/checkpoint/", html: "checkpoint/index.html", extra: ["checkpoint.webmanifest", "icon.svg"] },
  risk: { path: "/r/", html: "r/index.html", extra: ["icon.svg"] },
  venue: { path: "/venue/", html: "venue/index.html", extra: ["icon.svg"] },
} as const;

type Bundle = Parameters<Extract<NonNullable<Plugin["generateBundle"]>, (...args: never[]) => unknown>>[1];

export function shells(): Plugin {
  return {
    name: "shells",
    apply: "build",
    enforce: "post",
    generateBundle(_, bundle) {
      const found: Shells = {};
      for (const [name, page] of Object.entries(PAGES)) {
        const { now, later } = filesOf(bundle, name);
        const files = [page.html, ...now];
        const version = createHash("sha256");
        for (const file of [...files, ...later]) version.update(file).update(contentOf(bundle, file));
        for (const file of page.extra) version.update(file).update(readFileSync(new URL(`../public/${file}`, import.meta.url)));
        found[name] = {
          path: page.path,
          html: `/${page.html}`,
          files: [...files, ...page.extra].map((file) => `/${file}`),
          later: later.map((file) => `/${file}`),
          version: version.digest("hex").slice(0, 16),
        };
      }
      const worker = bundle["worker.js"];
      if (worker?.type !== "chunk" || !worker.code.includes(PLACEHOLDER)) this.error("the worker takes no shells");
      worker.code = worker.code.replace(PLACEHOLDER, JSON.stringify(found));
    },
  };
}

const PLACEHOLDER = "__SHELLS__";

/** The scripts, styles and other files that an entry needs at once, and those that it fetches when they are used. */
function filesOf(bundle: Bundle, entry: string): { now: string[]; later: string[] } {
  const entries = Object.entries(bundle).filter(([, chunk]) => chunk.type === "chunk" && chunk.isEntry && chunk.name === entry);
  const now = reached(bundle, entries.map(([name]) => name), ({ imports }) => imports);
  const all = reached(bundle, [...now], ({ imports, dynamicImports }) => [...imports, ...dynamicImports]);
  return { now: [...now].sort(), later: [...all].filter((file) => !now.has(file)).sort() };
}

type Chunk = Extract<Bundle[string], { type: "chunk" }>;

/** The files of these chunks and of all that follow from them. */
function reached(bundle: Bundle, from: readonly string[], next: (chunk: Chunk) => readonly string[]): Set<string> {
  const files = new Set<string>();
  const visit = (name: string): void => {
    const chunk = bundle[name];
    if (files.has(name) || !chunk) return;
    files.add(name);
    if (chunk.type !== "chunk") return;
    for (const file of chunk.viteMetadata?.importedCss ?? []) files.add(file);
    for (const file of chunk.viteMetadata?.importedAssets ?? []) files.add(file);
    for (const other of next(chunk)) visit(other);
  };
  for (const name of from) visit(name);
  return files;
}

function contentOf(bundle: Bundle, file: string): string | Uint8Array {
  const output = bundle[file];
  if (!output) throw new Error(`the build made no \`${file}\``);
  return output.type === "chunk" ? output.code : output.source;
}
