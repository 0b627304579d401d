import type { DeploymentPlan, ModeratorPlan, TokenAccessPlan } from "../plan/types";
import { file, files, restart } from "./files";
import type { AccountSpec, Files } from "./manifest";
import { PATHS, UNITS } from "./paths";
import { verbatim, type View } from "./render";

/** Moderators with an account of their own; none unless access is moderated. */
export function moderatorsOf({ access }: DeploymentPlan): ModeratorPlan[] {
  return access.kind === "moderated" ? access.moderators : [];
}

/** What a token must be like; undefined unless access is by token. */
export function tokenOf({ access }: DeploymentPlan): TokenAccessPlan | undefined {
  return access.kind === "token" ? access : undefined;
}

/**
 * Whether jicofo takes requests for rooms over HTTP. It does not know there who asks: its authentication answers each of them
 * with an error, and without it anybody could have rooms opened. Over XMPP it knows.
 */
export function hasHttpRequests({ access }: DeploymentPlan): boolean {
  return access.kind === "open";
}

/** What of the main Prosody's configuration follows from access; each part is a list of one or none. */
export function prosodyAccessView(plan: DeploymentPlan): View {
  const token = tokenOf(plan);
  const isModerated = plan.access.kind === "moderated";
  return {
    authentication: isModerated ? "internal_hashed" : token ? "token" : "anonymous",
    passwords: isModerated,
    tokens: token ? [tokenView(token)] : [],
  };
}

function tokenView({ appId, keyServer, issuers, audiences }: TokenAccessPlan): View {
  return {
    appId,
    keyServers: keyServer === undefined ? [] : [{ keyServer }],
    secrets: keyServer === undefined ? [{ secretFile: PATHS.tokenSecret }] : [],
    issuers: issuers.map((issuer) => ({ issuer })),
    audiences: audiences.map((audience) => ({ audience })),
  };
}

/** Accounts of the moderators. */
export function moderatorAccounts(plan: DeploymentPlan): AccountSpec[] {
  return moderatorsOf(plan).map(({ name, jid }) => ({
    config: PATHS.prosody.config,
    dataPath: PATHS.prosody.data,
    jid,
    passwordFile: moderatorPasswordFile(name),
    endSessions: true,
  }));
}

/** Where a moderator's password lies until the account has it. */
export function moderatorPasswordFile(name: string): string {
  return `${PATHS.moderatorPasswords}/${name}`;
}

/** What access adds to the files of the main Prosody: which password each moderator has, who is an owner by token. */
export function prosodyAccessFiles(plan: DeploymentPlan): Files {
  const note = moderatorsOf(plan).map(({ jid, rotation }) => `${jid} password ${rotation}\n`);
  return files(
    note.length > 0 ? file("/etc/audio-meet/accounts/moderators", note.join("")) : {},
    tokenOf(plan) ? tokenModerator() : {},
    ...(tokenOf(plan) ? LIBRARIES.map(luaLibrary) : []),
  );
}

/** Libraries that Jitsi's module loads and that Debian and Ubuntu ship for older Lua alone (lua-basexx 0.3, lua-inspect 3.1). */
const LIBRARIES = ["basexx", "inspect"];

/** Lets the Lua of Prosody 13 find one of them: all are plain Lua, which 5.4 runs as well. */
function luaLibrary(name: string): Files {
  const text = `-- Debian has this library for older Lua alone. Written by Audio Meet.\nreturn dofile("/usr/share/lua/5.1/${name}.lua")\n`;
  return file(`/usr/local/share/lua/5.4/${name}.lua`, text, { units: restart(UNITS.prosody) });
}

function tokenModerator(): Files {
  const name = "mod_token_moderator.lua";
  const units = restart(UNITS.prosody);
  return file(`${PATHS.prosody.plugins}/${name}`, verbatim(`prosody/${name}`), { units });
}
