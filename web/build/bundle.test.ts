/** What the build makes of the pages: which files each is opened with, and which only somebody who scans has to fetch. */

import { fileURLToPath } from "node:url";
import { build, type Rollup } from "vite";
import { beforeAll, expect, test } from "vitest";
import type { Shells } from "../src/worker/shell";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

let output: Rollup.RollupOutput["output"];
let shells: Shells;

beforeAll(async () => {
  const built = (await build({ root: ROOT, logLevel: "error", build: { write: false } })) as Rollup.RollupOutput;
  output = built.output;
  const worker = output.find(({ fileName }) => fileName === "worker.js") as Rollup.OutputChunk;
  shells = shellsIn(worker.code);
}, 120_000);

/** The literal that the build has put into the worker. */
function shellsIn(code: string): Shells {
  const start = code.indexOf('{"resident":');
  let depth = 0;
  for (let at = start; at < code.length; at++) {
    if (code[at] === "{") depth += 1;
    if (code[at] === "}") depth -= 1;
    if (depth === 0) return JSON.parse(code.slice(start, at + 1));
  }
  throw new Error("the worker names no files");
}

/** The files with the reader of codes, a megabyte that only a camera needs. */
function readers(): string[] {
  const isReader = (file: Rollup.OutputChunk | Rollup.OutputAsset): boolean =>
    file.type === "chunk" ? file.moduleIds.some((id) => id.includes("zxing-wasm")) : file.fileName.endsWith(".wasm");
  return output.filter(isReader).map(({ fileName }) => `/${fileName}`);
}

test("there is one reader, in a script and its module", () => {
  expect(readers().map((file) => file.split(".").at(-1)).sort()).toEqual(["js", "wasm"]);
});

test("the checkpoint page has the reader without a network", () => {
  expect(shells.checkpoint?.files).toEqual(expect.arrayContaining(readers()));
});

test("the resident page keeps the reader once somebody has scanned, and only that", () => {
  expect([...(shells.resident?.later ?? [])].sort()).toEqual(readers().sort());
});

test.each(["resident", "risk", "venue"])("the %s page is opened and kept without the reader", (page) => {
  const files = shells[page]?.files ?? [];
  expect(files.length).toBeGreaterThan(2);
  expect(files.filter((file) => readers().includes(file))).toEqual([]);
});

test("the resident page fetches the reader for the screen that scans, and for nothing else", () => {
  const chunks = output.filter((file) => file.type === "chunk");
  const reader = chunks.find(({ fileName }) => readers().includes(`/${fileName}`));
  const fetchers = chunks.filter(({ dynamicImports }) => dynamicImports.includes(reader?.fileName ?? ""));
  expect(fetchers.map(({ name }) => name)).toEqual(["resident"]);
});
