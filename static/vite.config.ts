import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

// Each Jinja page has one entry; the manifest tells the server which files an entry needs.
export default defineConfig({
  plugins: [svelte()],
  base: "/static/build/",
  build: {
    outDir: "build",
    emptyOutDir: true,
    manifest: "manifest.json",
    target: "es2022",
    // Small files would otherwise become data: addresses, which the content security policy forbids.
    assetsInlineLimit: 0,
    rollupOptions: { input: { explore: "src/explore.ts" } },
  },
  test: { include: ["src/**/*.test.ts"], setupFiles: ["src/texts/setup.ts"] },
});
