import { z } from "zod";
import { fieldInfos, group, integer } from "./field";

/** A rotation counter: of what. */
export function counter(what: string) {
  const info = {
    description: `Password counter of ${what}: a new number creates a new password.`,
    example: "2",
    rule: "A rotation counter is a whole number, at least 1.",
    fix: "Add 1 to the previous number.",
  };
  return integer(info, 1, 1_000_000).default(1);
}

/** One for each of several, by name or id; `example` as in `{ anna: 2 }`. */
export function counters(what: string, example: string) {
  return z
    .record(z.string(), counter(`a ${what}`))
    .register(
      fieldInfos,
      group(`Password counter of each ${what}: a new number creates a new password.`, example),
    )
    .default({});
}
