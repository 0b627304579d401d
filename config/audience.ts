import { group, integer, structure } from "./field";

/** `jitsi:audience`: for how many people a deployment is made. */
export const audience = structure(group("Sizing target.", "{ participants: 300 }"), {
  participants: integer(
    {
      description:
        "Expected number of people in the largest room; `check` and `up` warn if the bridges carry fewer.",
      unit: "participants",
      example: "300",
      rule: "An audience is a whole number from 1 to 20000.",
      fix: "Write how many people you expect in the largest room.",
    },
    1,
    20_000,
  ).default(500),
  speakers: integer(
    {
      description:
        "Number of people of one room who may speak: whoever joins after them is a visitor, who listens, chats, and speaks when a moderator has admitted him (docs/FEATURES.md). Visitors log in at Prosodys of their own on the core, one for each 1000. The first time, and whenever it is removed, Prosody and jicofo restart.",
      unit: "people",
      example: "300",
      rule: "`speakers` is a whole number from 2 to 500.",
      fix: "Write how many people may speak in the largest room, or leave it out: then everybody may.",
      fallback: "everybody may speak",
    },
    2,
    500,
  ).exactOptional(),
  hoursPerMonth: integer(
    {
      description: "Hours per month in which they all listen; used to estimate the traffic cost on AWS.",
      unit: "hours a month",
      example: "8",
      rule: "Hours are a whole number from 0 to 744, which is a month.",
      fix: "Write how many hours of conference a month has, as in 8 for two hours a week.",
    },
    0,
    744,
  ).default(20),
});
