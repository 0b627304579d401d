/** `make test` counts by JUnit reports (tests/runner/summary.py). A file that cannot be loaded or cleaned up is a failed test there. */
const junit = [
  "jest-junit",
  { reportTestSuiteErrors: "true", classNameTemplate: "{filepath}", titleTemplate: "{classname} {title}" },
];

/** Type checking is a step of its own (`tsc --noEmit`); swc only strips the types. */
module.exports = {
  // A loaded machine is no failure.
  testTimeout: 30_000,
  testEnvironment: "node",
  reporters: process.env.JEST_JUNIT_OUTPUT_FILE ? ["default", junit] : ["default"],
  testMatch: ["<rootDir>/tests/{unit,components,contract,attacks,conformance}/**/*.test.ts"],
  transform: {
    "^.+\\.ts$": [
      "@swc/jest",
      { jsc: { parser: { syntax: "typescript" }, target: "es2022" }, module: { type: "commonjs" } },
    ],
  },
  setupFiles: ["<rootDir>/tests/setup.js"],
  modulePathIgnorePatterns: ["<rootDir>/.lab/", "<rootDir>/.lab-tests/"],
};
