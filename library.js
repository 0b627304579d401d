const { existsSync } = require("node:fs");
const { join } = require("node:path");

/** What other programs import: the built package, or in a checkout its sources, which Pulumi compiles on the way. Runs nothing. */
const built = join(__dirname, "dist", "components", "index.js");
module.exports = require(existsSync(built) ? built : "./components");
