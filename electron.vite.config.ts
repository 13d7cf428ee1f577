import react from "@vitejs/plugin-react";
import { defineConfig } from "electron-vite";

/** Native bindings cannot be bundled; everything else is, so that a package needs no other modules. */
const external = [/^@duckdb\//, "onnxruntime-node"];
/** The scoring process is a program of its own; scoring-process.ts looks for it under this name. */
const input = {
  index: "main/index.ts",
  engine: "main/engine-process.ts",
  "scoring-child": "src/engine/evaluation/onnx/child.ts",
};
/** All files of the engine lie two folders deep, as in src/engine: program-folder.ts counts on it. */
const output = { chunkFileNames: "[name]-[hash].js" };

/**
 * Addresses of scripts and styles from the root: views have addresses with several parts, and electron-vite would make
 * them relative. Both shells serve the page from the root of an origin.
 */
const fromRoot = { name: "addresses-from-root", enforce: "post" as const, config: () => ({ base: "/" }) };

/** Builds main and preload for Electron and the renderer for both shells into out/; `deltascope serve` serves out/renderer. */
export default defineConfig({
  main: {
    build: {
      externalizeDeps: false,
      rollupOptions: { input, external, output },
    },
  },
  preload: {
    build: {
      externalizeDeps: false,
      rollupOptions: {
        input: { index: "main/preload/index.ts" },
        output: { format: "cjs", entryFileNames: "[name].cjs" },
      },
    },
  },
  renderer: {
    root: "renderer",
    plugins: [react(), fromRoot],
    // Follows `composes` from one style sheet to another without a warning of its own.
    css: { transformer: "lightningcss" },
    build: {
      rollupOptions: { input: "renderer/index.html" },
      chunkSizeWarningLimit: 2000,
      // The page's policy allows no data: addresses for fonts.
      assetsInlineLimit: 0,
    },
  },
});
