// The stack's program, compiled on the way by esbuild, which keeps what it has compiled: Pulumi's own way compiles every file in every
// run, which is 3 s of each preview.
require("tsx/cjs");
// The SDK keeps a stack trace with each of thousands of promises, and none is read. Longer ones are a fifth of a preview of fifty bridges.
Error.stackTraceLimit = 2;
module.exports = require("./index.ts");
