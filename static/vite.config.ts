import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

const SHARED =
  /node_modules\/svelte|src\/(lib|frame\/(Word|Modes|pages|Choices)|input\/SeenPicture|network\/(tiles\.|reduce|parts)|panel\/numbers|tour\/progress)/;

// Each Jinja page has one entry; the manifest tells the server which files an entry needs.
export default defineConfig({
  plugins: [svelte()],
  base: "/static/build/",
  build: {
    outDir: "build",
    emptyOutDir: true,
    modulePreload: { polyfill: false },
    manifest: "manifest.json",
    target: "es2022",
    // Small files would otherwise become data: addresses, which the content security policy forbids.
    assetsInlineLimit: 0,
    rollupOptions: {
      input: { explore: "src/explore.ts", models: "src/models.ts", compare: "src/compare.ts" },
      // What the first view shares with later ones stays in one file, which is smaller compressed than ten.
      output: { codeSplitting: { groups: [{ name: "shared", test: SHARED, minShareCount: 2 }] } },
    },
  },
  test: { include: ["src/**/*.test.ts"], setupFiles: ["src/texts/setup.ts"] },
});
