import { isThere, runIn } from "./programs";

/** The root of Debian 11 that `make test` makes for programs of old releases (tests/run.sh). */
const LOWER_ROOT = process.env["LOWER_ROOT"] ?? "";

/**
 * For tests in which a daemon really runs: it is this machine's; where this one lacks it, that of Debian 11. For a whole test file;
 * what neither has is missing by name.
 */
export function useDaemons(...programs: string[]): string[] {
  if (!programs.every(isThere) && isThere("root") && LOWER_ROOT !== "") runIn(LOWER_ROOT);
  return programs;
}
