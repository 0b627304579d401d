import { z } from "zod";
import { fieldInfos, group, oneOf, structure, text, variant, type FieldInfo } from "./field";
import { authorities, OPAQUE_SECRET } from "./pemTexts";
import { jwks, keyServer } from "./urls";

const INFO: FieldInfo = {
  description:
    "Who may open a room: `open`, anybody who has its name; `moderated`, the moderators that are named, for whom guests wait; `token`, nobody comes in without a JWT (docs/ACCESS.md).",
  example: "{ kind: moderated, moderators: [anna, ben] }",
  rule: "Access is a structure whose kind is open, moderated or token.",
  fix: "Write it as in { kind: open }, { kind: moderated, moderators: [anna] } or { kind: token, appId: town-hall }.",
};

const MODERATOR_CHARACTERS = 64;
/** A name that needs no escape in an address (RFC 7622 §3.3), a file name or a resource name. */
const MODERATOR = /^[a-z0-9]([a-z0-9._-]*[a-z0-9])?$/;

/** RFC 7518 §3.2: a key for HS256 has at least as many bits as the hash, 256; the letters of a good one hold 8 at most. */
const SECRET_CHARACTERS = 32;
const APP_ID_CHARACTERS = 200;

const moderator = text(
  {
    description: "A moderator's name at login.",
    example: "anna",
    rule: `A moderator's name has 1 to ${MODERATOR_CHARACTERS} characters a-z, 0-9, dot, hyphen and underscore, and begins and ends with a letter or digit.`,
    fix: "Write it as in anna or anna.berg, without the domain.",
  },
  {
    problem: (value) => (value.length <= MODERATOR_CHARACTERS && MODERATOR.test(value) ? undefined : true),
  },
);

const moderators = z.array(moderator).min(1).register(fieldInfos, {
  description: "Names of those who may open rooms; each gets a password, in the output `moderators`.",
  example: "[anna, ben]",
  rule: "A moderated deployment has at least one moderator: without one nobody could ever open a room.",
  fix: "Write the names as in moderators: [anna, ben].",
});

function claim(description: string, example: string) {
  return text(
    {
      description,
      example,
      rule: `It is one line of 1 to ${APP_ID_CHARACTERS} characters.`,
      fix: `Write it as in ${example}, the same as in the tokens.`,
    },
    { problem: (value) => (value !== "" && value.length <= APP_ID_CHARACTERS ? undefined : true) },
  );
}

function claims(description: string, name: string, example: string) {
  const info = { description, example: `[${example}]`, fallback: "the `appId` alone" };
  const rule = "It is a list of at least one text.";
  const fix = `Write it as in [${example}], or leave it out for the appId alone.`;
  return z
    .array(claim(`One of the ${name}.`, example))
    .min(1)
    .register(fieldInfos, { ...info, rule, fix });
}

/** A claim by its name, or by the names on the way to it; names may have dots and slashes, as Auth0's do. */
function claimPath(description: string, example: string) {
  return text(
    {
      description,
      example,
      rule: `It is the name of a claim of 1 to ${APP_ID_CHARACTERS} characters; what lies inside of another claim has dots on the way to it.`,
      fix: `Write it as in ${example}.`,
    },
    {
      problem: (value) =>
        value.length <= APP_ID_CHARACTERS && /^[^\s.]+(\.[^\s.]+)*$/.test(value) ? undefined : true,
    },
  );
}

const claimSettings = structure(
  group("What is in a token, and where.", "{ moderator: realm_access.roles, moderatorValue: host }"),
  {
    subject: oneOf(
      {
        description:
          "What the claim `sub` is: `domain`, the domain of the deployment, or `*`, as in tokens that are made for Jitsi; `user`, the id of a user, as identity providers have it.",
        example: "user",
        fallback: "`domain`; `user` with `jwks`",
        rule: "The subject is domain or user.",
        fix: "Write subject: user for tokens of an identity provider, subject: domain for those that are made for Jitsi.",
      },
      ["domain", "user"],
    ).exactOptional(),
    room: oneOf(
      {
        description:
          "Whether a token needs the claim `room`: `required`, or `optional`, where one without it opens every room. The room of a token that has one is always the only one that it opens.",
        example: "optional",
        fallback: "`required`; `optional` with `jwks`",
        rule: "A room is required or optional.",
        fix: "Write room: required, or room: optional where whoever logs in may enter every room.",
      },
      ["required", "optional"],
    ).exactOptional(),
    moderator: claimPath("Where a token says that somebody moderates.", "realm_access.roles").default(
      "context.user.moderator",
    ),
    moderatorValue: claim(
      "The text that makes a moderator, alone or in a list; without it the claim has to be `true`.",
      "host",
    ).exactOptional(),
    name: claimPath("Where a token says how somebody is called.", "name").default("context.user.name"),
  },
);

const open = structure(INFO, { kind: z.literal("open") });
const moderated = structure(INFO, { kind: z.literal("moderated"), moderators });
const token = structure(INFO, {
  kind: z.literal("token"),
  appId: claim(
    "Name of the application that issues tokens: issuer and audience where those are not named.",
    "town-hall",
  ).exactOptional(),
  jwks: jwks({
    description:
      "Where an identity provider publishes its keys (JWKS); tokens are then signed with RS256, PS256 or ES256.",
    example: "https://id.example.org/realms/meet/protocol/openid-connect/certs",
    fallback: "none",
  }).exactOptional(),
  keyServer: keyServer({
    description:
      "Where public keys of token issuers are fetched, as `<url>/<sha256 of the key's id>.pem`; without it and `jwks`: tokens are signed with `jitsi:tokenSecret`.",
    example: "https://keys.example.org/jwt",
    fallback: "none",
  }).exactOptional(),
  caBundle: authorities({
    description:
      "Authorities that may have signed the certificate of `jwks` or `keyServer`, PEM, beside the system's.",
    example: "|",
    fallback: "the system's authorities",
  }).exactOptional(),
  issuers: claims("Accepted issuers, the claim `iss`.", "issuers", "town-hall").exactOptional(),
  audiences: claims("Accepted audiences, the claim `aud`.", "audiences", "town-hall").exactOptional(),
  claims: claimSettings.prefault({}),
});

/** No kind, or one that there is not: never good, but an unknown key beside it shows as well. */
const anyAccess = structure(INFO, {
  kind: oneOf(
    {
      description: "Kind of access.",
      example: "open",
      rule: "The kinds of access are open, moderated and token; LDAP is asked by an identity provider that gives tokens.",
      fix: "Write kind: open, kind: moderated or kind: token.",
    },
    ["open", "moderated", "token"],
  ),
  moderators: z.unknown().exactOptional(),
  appId: z.unknown().exactOptional(),
  jwks: z.unknown().exactOptional(),
  keyServer: z.unknown().exactOptional(),
  caBundle: z.unknown().exactOptional(),
  issuers: z.unknown().exactOptional(),
  audiences: z.unknown().exactOptional(),
  claims: z.unknown().exactOptional(),
});

const KINDS: Record<string, z.ZodType<AccessSettings>> = { open, moderated, token };

export type AccessSettings = z.output<typeof open> | z.output<typeof moderated> | z.output<typeof token>;

function accessSchema(raw: unknown): z.ZodType<AccessSettings> {
  const kind = typeof raw === "object" && raw !== null && "kind" in raw ? raw.kind : undefined;
  return (typeof kind === "string" && Object.hasOwn(KINDS, kind) && KINDS[kind]) || (anyAccess as never);
}

/** `jitsi:access`. */
export const access = variant(accessSchema).register(fieldInfos, INFO);

/** `jitsi:tokenSecret`, with which tokens are signed. */
export const tokenSecret = text(
  {
    description: "Secret that tokens are signed with (HS256); only with `kind: token` (secret).",
    example: "pulumi config set --secret jitsi:tokenSecret --stack STACK",
    fallback: "the keys of `jwks` or `keyServer`",
    rule: `It is one line of at least ${SECRET_CHARACTERS} characters: whoever guesses it comes into every room.`,
    fix: "Make one with: openssl rand -base64 48 | tr -d '\\n' | pulumi config set --secret jitsi:tokenSecret --stack STACK",
  },
  {
    secret: true,
    problem: (value) =>
      value === OPAQUE_SECRET || (value.length >= SECRET_CHARACTERS && value === value.trim())
        ? undefined
        : true,
  },
);

/** `jitsi:secrets.moderators`: name → counter. */
export function moderatorCounters<Counter extends z.ZodType<number>>(counter: Counter) {
  return z
    .record(z.string(), counter)
    .register(
      fieldInfos,
      group("Counts the passwords of each moderator: a new number makes a new password.", "{ anna: 2 }"),
    );
}

/** What the reference page shows of each kind. */
export const accessShapes = { moderated, token };
