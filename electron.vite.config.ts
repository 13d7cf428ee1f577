import react from "@vitejs/plugin-react";
import { defineConfig, externalizeDepsPlugin } from "electron-vite";

/** Builds main and preload for Electron and the renderer for both shells into out/; `deltascope serve` serves out/renderer. */
export default defineConfig({
  main: {
    plugins: [externalizeDepsPlugin()],
    build: { rollupOptions: { input: { index: "main/index.ts", engine: "main/engine-process.ts" } } },
  },
  preload: {
    plugins: [externalizeDepsPlugin()],
    build: {
      rollupOptions: {
        input: { index: "main/preload/index.ts" },
        output: { format: "cjs", entryFileNames: "[name].cjs" },
      },
    },
  },
  renderer: {
    root: "renderer",
    plugins: [react()],
    build: { rollupOptions: { input: "renderer/index.html" }, chunkSizeWarningLimit: 2000 },
  },
});
