/** The lab's tests: real engine, real hosts, one after the other, with time for an image or an installation. */
module.exports = {
  ...require("./jest.config.js"),
  testMatch: ["<rootDir>/tests/lab/**/*.lab.ts"],
  testTimeout: 20 * 60 * 1000,
  maxWorkers: 1,
};
