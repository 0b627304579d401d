import { group, integer, structure, toggle } from "./field";

/** `create` of `jitsi:recording.storage`: the program makes the bucket at Amazon S3. */
export const ownBucket = structure(
  {
    ...group(
      "Has the program make the bucket at Amazon S3: private, encrypted, versioned, over TLS alone.",
      "{ expireDays: 365 }",
    ),
    fallback: "the bucket exists",
  },
  {
    expireDays: integer(
      {
        description: "Age at which recordings are deleted; they can be brought back for 30 days more.",
        unit: "days",
        example: "365",
        rule: "It is a whole number of days from 1 to 36500.",
        fix: "Leave it out to keep them for ever.",
        fallback: "never",
      },
      1,
      36_500,
    ).exactOptional(),
    deleteWithStack: toggle(
      "Whether `pulumi destroy` deletes the bucket and every recording in it; an `up` with it has to come before.",
    ).default(false),
  },
);
