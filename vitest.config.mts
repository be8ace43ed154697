import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["tests/js/**/*.test.ts"],
    environment: "jsdom",
    testTimeout: 20_000, // whole widgets, on a machine with other work
    restoreMocks: true,
    unstubGlobals: true,
  },
});
