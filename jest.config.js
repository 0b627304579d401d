/** Type checking is a step of its own (`tsc --noEmit`); swc only strips the types. */
module.exports = {
  // A loaded machine is no failure.
  testTimeout: 30_000,
  testEnvironment: "node",
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
