import eslint from "@eslint/js";
import tseslint from "typescript-eslint";
import pulumi from "@pulumi/eslint-plugin";
import prettier from "eslint-config-prettier";

/** The way of the data (docs/ARCHITECTURE.md): a folder imports those before it and no other. */
const WAY = ["facts", "config", "plan", "services", "components"];

/** What the code of a folder may not import: folders that come after it, what is beside the product, and, but for components, Pulumi. */
function wayOfTheData(folder) {
  const others = [...WAY.slice(WAY.indexOf(folder) + 1), "lab", "tests", "tools", "bench"];
  return {
    files: [`${folder}/**/*.ts`],
    rules: {
      "no-restricted-imports": [
        "error",
        {
          patterns: [
            {
              regex: `^(\\.\\./)+(${others.join("|")})(/|$)`,
              message: `Nothing flows back: ${folder}/ imports ${WAY.slice(0, WAY.indexOf(folder)).join(", ") || "nothing"} of ours.`,
            },
            ...(folder === "components"
              ? []
              : [{ regex: "^@pulumi/", message: "Only components/ import Pulumi." }]),
          ],
        },
      ],
    },
  };
}

export default tseslint.config(
  { ignores: ["node_modules/", "dist/", ".lab/", ".lab-tests/", "**/*.js", "**/*.mjs", "**/*.cjs"] },
  eslint.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { "@pulumi": pulumi },
    rules: {
      "@pulumi/no-output-in-template-literal": "error",
      // Numbers in messages are wanted; Outputs are caught by the rule above.
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      // A Pulumi resource is created for its effect.
      "no-new": "off",
    },
  },
  ...WAY.map(wayOfTheData),
  prettier,
);
