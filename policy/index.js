// Compiled on the way, as the program itself.
require("tsx/cjs");
require("./pack.ts");
