import { z } from "zod";
import { fieldInfos, group, oneOf, structure, text, variant, type FieldInfo } from "./field";
import { authorities, OPAQUE_SECRET } from "./pemTexts";
import { jwks, keyServer } from "./urls";

const INFO: FieldInfo = {
  description:
    "Who may open a room. `open`: anyone who knows its name. `moderated`: the moderators named here; guests wait for them. `token`: only users with a JWT (docs/ACCESS.md).",
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
  description:
    "Names of the moderators, who may open rooms. Each gets a password, shown in the output `moderators`.",
  example: "[anna, ben]",
  rule: "A moderated deployment has at least one moderator: otherwise no room could be opened.",
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
      rule: `It is the name of a claim of 1 to ${APP_ID_CHARACTERS} characters; for a nested claim, write its path with dots.`,
      fix: `Write it as in ${example}.`,
    },
    {
      problem: (value) =>
        value.length <= APP_ID_CHARACTERS && /^[^\s.]+(\.[^\s.]+)*$/.test(value) ? undefined : true,
    },
  );
}

const claimSettings = structure(
  group("Claims of a token.", "{ moderator: realm_access.roles, moderatorValue: host }"),
  {
    subject: oneOf(
      {
        description:
          "Meaning of the claim `sub`. `domain`: the domain of the deployment, or `*`, as in tokens that are made for Jitsi. `user`: the id of the user, as identity providers set it.",
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
          "Whether a token needs the claim `room`: `required` or `optional`. With `optional`, a token without it opens every room. A token with a room always opens only that room.",
        example: "optional",
        fallback: "`required`; `optional` with `jwks`",
        rule: "A room is required or optional.",
        fix: "Write room: required, or room: optional if every logged-in user may enter every room.",
      },
      ["required", "optional"],
    ).exactOptional(),
    moderator: claimPath("Claim that marks a moderator.", "realm_access.roles").default(
      "context.user.moderator",
    ),
    moderatorValue: claim(
      "Value of that claim for a moderator, alone or in a list. Without it, the claim must be `true`.",
      "host",
    ).exactOptional(),
    name: claimPath("Claim that holds the user's name.", "name").default("context.user.name"),
  },
);

const open = structure(INFO, { kind: z.literal("open") });
const moderated = structure(INFO, { kind: z.literal("moderated"), moderators });
const token = structure(INFO, {
  kind: z.literal("token"),
  appId: claim(
    "Name of the application that issues tokens; default for `issuers` and `audiences`.",
    "town-hall",
  ).exactOptional(),
  jwks: jwks({
    description:
      "Address of an identity provider's keys (JWKS). Tokens are then signed with RS256, PS256 or ES256.",
    example: "https://id.example.org/realms/meet/protocol/openid-connect/certs",
    fallback: "none",
  }).exactOptional(),
  keyServer: keyServer({
    description:
      "Address of a key server, which has the public keys of token issuers at `<url>/<sha256 of the key's id>.pem`. Without it and `jwks`, tokens are signed with `jitsi:tokenSecret`.",
    example: "https://keys.example.org/jwt",
    fallback: "none",
  }).exactOptional(),
  caBundle: authorities({
    description:
      "CA certificates in PEM that may have signed the certificate of `jwks` or `keyServer`, in addition to the system's.",
    example: "|",
    fallback: "the CA certificates of the system",
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
      rule: "The kinds of access are open, moderated and token; for LDAP, use an identity provider that issues tokens.",
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
    rule: `It is one line of at least ${SECRET_CHARACTERS} characters: anyone who guesses it can enter every room.`,
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

/** What the reference page shows of each kind. */
export const accessShapes = { moderated, token };

/** Who may open a room where nothing is said. */
export const DEFAULT_ACCESS = { kind: "open" } as const;
