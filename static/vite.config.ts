import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

const EXPLORE = `${import.meta.dirname}/src/explore.ts`;

/** What only later views need of Svelte, though its list of all parts names them. */
const LATER =
  /svelte\/src\/internal\/(disclose-version|client\/dom\/(elements\/(bindings\/(input|universal)|actions)|blocks\/html|legacy\/lifecycle)|shared\/clone)\.js/;

/** What knows which modules another one imports before it runs. */
interface Modules {
  getModuleInfo(id: string): { importedIds: readonly string[] } | null;
}

/** All that the main page's script imports before it runs. */
function firstOf(modules: Modules): Set<string> {
  const found = new Set([EXPLORE]);
  for (const id of found) for (const next of modules.getModuleInfo(id)?.importedIds ?? []) found.add(next);
  found.delete(EXPLORE);
  return found;
}

let first: Set<string> | null = null;

/** The first view is one file, which is smaller compressed than ten; null leaves the rest to the builder. */
function fileOf(id: string, modules: Modules): string | null {
  first ??= firstOf(modules);
  return first.has(id) && !LATER.test(id) ? "first" : null;
}

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
      input: { explore: "src/explore.ts", train: "src/train.ts", models: "src/models.ts", compare: "src/compare.ts" },
      treeshake: { moduleSideEffects: (id) => !LATER.test(id) },
      output: { codeSplitting: { includeDependenciesRecursively: false, groups: [{ name: fileOf }] } },
    },
  },
  test: { include: ["src/**/*.test.ts"], setupFiles: ["src/texts/setup.ts"] },
});
