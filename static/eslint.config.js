import js from "@eslint/js";
import svelte from "eslint-plugin-svelte";
import globals from "globals";
import ts from "typescript-eslint";
import svelteConfig from "./svelte.config.js";

export default ts.config(
  { ignores: ["build/", "node_modules/"] },
  js.configs.recommended,
  ...ts.configs.strict,
  ...svelte.configs.recommended,
  { languageOptions: { globals: { ...globals.browser, ...globals.node } } },
  {
    files: ["**/*.svelte", "**/*.svelte.ts"],
    languageOptions: { parserOptions: { parser: ts.parser, svelteConfig, extraFileExtensions: [".svelte"] } },
  },
  {
    rules: {
      eqeqeq: "error",
      // TypeScript resolves names itself, and knows those of the browser better.
      "no-undef": "off",
      // Maps of pixels are kept out of Svelte's state on purpose: a counter tells when one has changed.
      "svelte/prefer-svelte-reactivity": "off",
      "no-console": ["error", { allow: ["warn", "error"] }],
    },
  },
);
