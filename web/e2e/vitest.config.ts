import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["e2e/**/*.test.ts"],
    globalSetup: "e2e/build-yima.ts",
    fileParallelism: false,
    // Bounds for a slow machine that others use too; nothing waits for so long where all is well.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 90_000, interval: 200 } },
  },
});
