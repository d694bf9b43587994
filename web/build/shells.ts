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
        const files = [page.html, ...filesOf(bundle, name)];
        const version = createHash("sha256");
        for (const file of files) version.update(file).update(contentOf(bundle, file));
        for (const file of page.extra) version.update(file).update(readFileSync(new URL(`../public/${file}`, import.meta.url)));
        found[name] = {
          path: page.path,
          html: `/${page.html}`,
          files: [...files, ...page.extra].map((file) => `/${file}`),
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

/** The scripts, styles and other files that an entry needs, with what it loads later. */
function filesOf(bundle: Bundle, entry: string): string[] {
  const files = new Set<string>();
  const visit = (name: string): void => {
    const chunk = bundle[name];
    if (files.has(name) || chunk?.type !== "chunk") return;
    files.add(name);
    for (const file of chunk.viteMetadata?.importedCss ?? []) files.add(file);
    for (const file of chunk.viteMetadata?.importedAssets ?? []) files.add(file);
    for (const other of [...chunk.imports, ...chunk.dynamicImports]) visit(other);
  };
  for (const [name, chunk] of Object.entries(bundle)) {
    if (chunk.type === "chunk" && chunk.isEntry && chunk.name === entry) visit(name);
  }
  return [...files].sort();
}

function contentOf(bundle: Bundle, file: string): string | Uint8Array {
  const output = bundle[file];
  if (!output) throw new Error(`the build made no \`${file}\``);
  return output.type === "chunk" ? output.code : output.source;
}
