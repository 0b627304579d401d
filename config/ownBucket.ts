import { group, integer, structure, toggle } from "./field";

/** `create` of `jitsi:recording.storage`: the program makes the bucket at Amazon S3. */
export const ownBucket = structure(
  {
    ...group(
      "Creates the bucket at Amazon S3: private, encrypted, versioned, TLS only.",
      "{ expireDays: 365 }",
    ),
    fallback: "the bucket must exist",
  },
  {
    expireDays: integer(
      {
        description: "Age at which recordings are deleted; they can be restored for another 30 days.",
        unit: "days",
        example: "365",
        rule: "It is a whole number of days from 1 to 36500.",
        fix: "Leave it out to keep them forever.",
        fallback: "never",
      },
      1,
      36_500,
    ).exactOptional(),
    deleteWithStack: toggle(
      "Whether `pulumi destroy` deletes the bucket and every recording in it; run `pulumi up` with it first.",
    ).default(false),
  },
);
