const base = require("./jest.config.js");

/**
 * The lab's tests: real engine, real hosts, with time for an image or an installation. Three files side by side, each
 * with a domain of its own: they wait for hosts more than they compute.
 */
module.exports = {
  ...base,
  testMatch: ["<rootDir>/tests/lab/**/*.lab.ts"],
  // The XMPP library is written as modules that Jest does not load by itself.
  transform: { ...base.transform, "node_modules/(@xmpp|ltx)/.+\\.js$": base.transform["^.+\\.ts$"] },
  transformIgnorePatterns: ["/node_modules/(?!(@xmpp|ltx)/)"],
  testTimeout: 20 * 60 * 1000,
  maxWorkers: 3,
  verbose: true,
  testSequencer: "<rootDir>/tests/lab/support/longestFirst.js",
};
