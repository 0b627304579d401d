const { existsSync } = require("node:fs");
const { join } = require("node:path");

/** Whether Pulumi runs this as a plugin, which offers AudioMeet to other languages. */
const isPlugin = /[\\/]run-plugin([\\/]|$)/.test(process.argv[1] ?? "");

/** What other programs import: the built package, or in a checkout its sources, which Pulumi compiles on the way. Runs nothing. */
const built = join(__dirname, "dist", "components", "index.js");
const isBuilt = existsSync(built);
// A plugin runs in the folder of whoever uses it, where Pulumi finds none of our compiler's settings.
if (isPlugin && !isBuilt) require("tsx/cjs");
const components = require(isBuilt ? built : "./components");

// Everything that a plugin exports is offered; the arguments of the other components are for TypeScript.
module.exports = isPlugin ? { AudioMeet: components.AudioMeet } : components;
