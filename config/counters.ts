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

/** Steps that run again at the next `up`, each by its host and its name, as `npm run drift` prints them. */
export const repair = z
  .record(
    z.string(),
    integer(
      {
        description: "How often a step was repaired: a new number runs it again.",
        example: "1",
        rule: "The number of a repaired step is a whole number, at least 1.",
        fix: "Write 1, or add 1 to the previous number.",
      },
      1,
      1_000_000,
    ),
  )
  .register(fieldInfos, {
    description:
      "Steps that run again, by `HOST/STEP`: the next `up` runs each whose number is new. `npm run drift -- --repair` writes them ([drift](OPERATIONS.md#drift)).",
    example: "{ core/prosody: 1 }",
    rule: "Repairs are a structure of steps, each with a number.",
    fix: "Write it as in { core/prosody: 1 }.",
  })
  .default({});

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
