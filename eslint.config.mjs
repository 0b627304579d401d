import eslint from "@eslint/js";
import tseslint from "typescript-eslint";
import pulumi from "@pulumi/eslint-plugin";
import prettier from "eslint-config-prettier";

/** The way of the data (docs/ARCHITECTURE.md): a folder imports those before it and no other. */
const WAY = ["facts", "config", "plan", "services", "components"];

/** What is not part of the product. */
const BESIDE = ["lab", "tests", "tools", "bench"];

/** What the code of a folder may not import: folders that come after it, what is beside the product, and, but for components, Pulumi. */
function wayOfTheData(folder) {
  const others = [...WAY.slice(WAY.indexOf(folder) + 1), ...BESIDE];
  return {
    files: [`${folder}/**/*.ts`],
    rules: {
      ...WITHOUT_STAND_INS,
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

/** The product is the same whatever it runs with: neither its code nor a comment there knows what takes another's place. */
const WITHOUT_STAND_INS = {
  "no-warning-comments": ["error", { terms: ["stand-in", "standin"], location: "anywhere" }],
  "no-restricted-syntax": [
    "error",
    {
      selector: ":matches(Literal[value=/stand-?in/i], TemplateElement[value.raw=/stand-?in/i])",
      message: "The product knows of no stand-in.",
    },
  ],
};

/** Code beside the way of the data: what it may not import. `files`: its files. */
function without(files, pattern, message) {
  const rule = ["error", { patterns: [{ regex: `^\\.{1,2}/(\\.\\./)*(${pattern})(/|$)`, message }] }];
  return { files, rules: { "no-restricted-imports": rule } };
}

export default tseslint.config(
  // The template is a project of its own, whose packages are not here; TypeScript checks it with the others.
  {
    ignores: [
      "node_modules/",
      "dist/",
      ".lab/",
      ".lab-tests/",
      "template/",
      "**/*.js",
      "**/*.mjs",
      "**/*.cjs",
    ],
  },
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
  without(
    ["lab/**/*.ts"],
    "tests|tools|bench",
    "The lab is a workspace of its own: tests use it, not the reverse.",
  ),
  without(["tools/**/*.ts"], "lab|tests|bench", "Operators' tools know neither the lab nor the tests."),
  without(
    ["index.ts"],
    "lab/(?!machine$).*|tests|tools|bench",
    "Of the lab, the program has the maker of machines alone.",
  ),
  {
    files: ["components/**/*.ts"],
    rules: {
      "@typescript-eslint/no-restricted-imports": [
        "error",
        {
          name: "@pulumi/aws",
          allowTypeImports: true,
          message:
            "Import the part that is needed, as in @pulumi/aws/ec2: all of it is a tenth of a second in every run.",
        },
      ],
    },
  },
  prettier,
);
