import type { DeploymentPlan, ModeratorPlan, TokenAccessPlan } from "../../plan/types";
import { file, files, FOR_PROSODY, reload, restart, ROOT_ONLY } from "../files";
import type { AccountSpec, DestinationSpec, Files } from "../manifest";
import { prosodyLua } from "./modules";
import type { View } from "../render";
import type { Secret } from "../service";
import { MAIN } from "./instances";

/** Verifies tokens; Prosody itself reads it. */
export const TOKEN_SECRET = "/etc/prosody/audio-meet/token-secret";
/** Who may have signed the certificate of the place that keys of tokens come from. */
export const TOKEN_AUTHORITIES = "/etc/audio-meet/token-authorities.pem";
/** One file for each moderator's password. */
const MODERATOR_PASSWORDS = "/etc/audio-meet/secrets/moderators";

/** Moderators with an account of their own; none unless access is moderated. */
export function moderatorsOf({ access }: DeploymentPlan): ModeratorPlan[] {
  return access.kind === "moderated" ? access.moderators : [];
}

/** What a token must be like; undefined unless access is by token. */
export function tokenOf({ access }: DeploymentPlan): TokenAccessPlan | undefined {
  return access.kind === "token" ? access : undefined;
}

/** What of the main Prosody's configuration follows from access; each part is a list of one or none. */
export function prosodyAccessView(plan: DeploymentPlan): View {
  const token = tokenOf(plan);
  const isModerated = plan.access.kind === "moderated";
  return {
    authentication: isModerated ? "internal_hashed" : token ? "meet_token" : "anonymous",
    tokens: token ? [tokenView(token)] : [],
    tokenRooms: token ? [{}] : [],
  };
}

function tokenView({ keys, issuers, audiences, claims }: TokenAccessPlan): View {
  return {
    jwks: keys.from === "jwks" ? [{ url: keys.url }] : [],
    keyServers: keys.from === "keyServer" ? [{ url: keys.url }] : [],
    secrets: keys.from === "secret" ? [{ secretFile: TOKEN_SECRET }] : [],
    issuers: issuers.map((issuer) => ({ issuer })),
    audiences: audiences.map((audience) => ({ audience })),
    isDomain: claims.subject === "domain",
    needsRoom: claims.room === "required",
    // A token that an application makes by itself may be good for ever; whoever logs in somewhere is logged out again.
    needsExpiry: keys.from === "jwks",
    moderatorClaim: claims.moderator,
    moderatorValues: claims.moderatorValue === undefined ? [] : [{ value: claims.moderatorValue }],
    nameClaim: claims.name,
  };
}

/** Accounts of the moderators. */
export function moderatorAccounts(plan: DeploymentPlan): AccountSpec[] {
  return moderatorsOf(plan).map(({ name, jid }) => ({
    config: MAIN.config,
    dataPath: MAIN.data,
    jid,
    passwordFile: moderatorPasswordFile(name),
    endSessions: true,
  }));
}

/** Where a moderator's password lies; root alone reads it. */
export function moderatorPasswordFile(name: string): string {
  return `${MODERATOR_PASSWORDS}/${name}`;
}

/** Passwords of the moderators, and what verifies tokens where no key server does; Prosody reads that with its configuration. */
export function accessSecrets(plan: DeploymentPlan, secret: Secret): Files {
  const passwords = moderatorsOf(plan).map(({ name }) =>
    file(moderatorPasswordFile(name), secret(moderatorSecret(name)), ROOT_ONLY),
  );
  const options = { ...FOR_PROSODY, units: reload(MAIN.unit) };
  const isSecret = tokenOf(plan)?.keys.from === "secret";
  return files(...passwords, isSecret ? file(TOKEN_SECRET, secret("tokenSecret"), options) : {});
}

/** Name of the secret that is a moderator's password. */
export function moderatorSecret(name: string): string {
  return `moderator ${name}`;
}

/** What access adds to the files of the main Prosody: which password each moderator has, who is an owner by token. */
export function prosodyAccessFiles(plan: DeploymentPlan): Files {
  const note = moderatorsOf(plan).map(({ jid, rotation }) => `${jid} password ${rotation}\n`);
  return files(
    note.length > 0 ? file("/etc/audio-meet/accounts/moderators", note.join("")) : {},
    ...(tokenOf(plan) ? TOKEN_MODULES.map((name) => prosodyLua(MAIN, name)) : []),
    tokenAuthorities(plan),
  );
}

/** What looks at tokens: login and rooms, and the libraries of the login. */
const TOKEN_MODULES = [
  ...["mod_auth_meet_token", "mod_token_rooms"],
  ...["token_check.lib", "token_issuer.lib", "token_keys.lib"],
];

/** Who may have signed the certificate of the place that keys come from; undefined where only the system's authorities may. */
export function tokenAuthoritiesOf(plan: DeploymentPlan): string | undefined {
  const keys = tokenOf(plan)?.keys;
  return keys === undefined || keys.from === "secret" ? undefined : keys.caBundle;
}

function tokenAuthorities(plan: DeploymentPlan): Files {
  const caBundle = tokenAuthoritiesOf(plan);
  return caBundle === undefined ? {} : file(TOKEN_AUTHORITIES, caBundle, { units: restart(MAIN.unit) });
}

/** Where keys of tokens come from. */
export function tokenDestinations(plan: DeploymentPlan): DestinationSpec[] {
  const keys = tokenOf(plan)?.keys;
  if (keys === undefined || keys.from === "secret") return [];
  const reason = "Prosody downloads them itself, without a proxy";
  return [{ url: keys.url, purpose: "keys of tokens", isNeeded: true, straight: "always", reason }];
}
