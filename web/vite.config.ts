import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vitest/config";
import { shells } from "./build/shells";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** When this software was built, in seconds; `SOURCE_DATE_EPOCH` makes a build repeatable. */
const built = Number(process.env.SOURCE_DATE_EPOCH ?? Math.floor(Date.now() / 1000));

/** The roots that the checkpoint page pins: the text of the file that `YIMA_ROOTS` names, or none. */
const roots = process.env.YIMA_ROOTS ? readFileSync(process.env.YIMA_ROOTS, "utf8") : "";

export default defineConfig({
  plugins: [vue(), shells()],
  define: {
    __BUILT__: JSON.stringify(built),
    __ROOTS__: JSON.stringify(roots),
    __VUE_OPTIONS_API__: "false",
    __VUE_I18N_LEGACY_API__: "false",
    __VUE_I18N_FULL_INSTALL__: "false",
    __INTLIFY_PROD_DEVTOOLS__: "false",
  },
  build: {
    target: "es2022",
    modulePreload: { polyfill: false },
    rollupOptions: {
      input: {
        resident: here("index.html"),
        checkpoint: here("checkpoint/index.html"),
        risk: here("r/index.html"),
        rules: here("rules/index.html"),
        venue: here("venue/index.html"),
        worker: here("src/worker/worker.ts"),
      },
      output: {
        entryFileNames: (chunk) => (chunk.name === "worker" ? "worker.js" : "assets/[name]-[hash].js"),
      },
    },
  },
  test: { include: ["src/**/*.test.ts", "build/**/*.test.ts"] },
});
