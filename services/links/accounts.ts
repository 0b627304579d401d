import type {
  DeploymentPlan,
  RecorderPlan,
  SecretCounters,
  VideobridgePlan,
  XmppNames,
} from "../../plan/types";
import { file, files, ROOT_ONLY } from "../files";
import type { AccountSpec, Files } from "../manifest";
import type { Secret } from "../service";

/** A login of the deployment of which there is one: who logs in where, named as its password. */
export type Login = Exclude<keyof SecretCounters, "turn" | "videobridge" | "recorders">;

/** Bare JIDs of the accounts, by login. */
export function accountJids(names: XmppNames): Record<Login, string> {
  return {
    focusClient: `${names.focusUser}@${names.auth}`,
    focusService: `${names.focusUser}@${names.tech}`,
  };
}

/**
 * User name of a bridge at prosody-jvb: "jvb-<relay id>-<number of the password>". The middle is the nickname that the bridge may
 * take; another number is another account, so that the old one stays until the bridge has logged in with the new one.
 */
export function bridgeUser({ names, secrets }: DeploymentPlan, { relayId }: VideobridgePlan): string {
  return `${names.videobridgeUser}-${relayId}-${secrets.videobridge}`;
}

/** Bare JID of a bridge's account. */
export function bridgeJid(plan: DeploymentPlan, bridge: VideobridgePlan): string {
  return `${bridgeUser(plan, bridge)}@${plan.names.tech}`;
}

/** A login of a recorder at the main Prosody: for jicofo's orders, and for its browser. */
export type RecorderLogin = "control" | "call";

/** A recorder's passwords, by what they are for. */
export type RecorderPasswords = Record<RecorderLogin, string>;

/** User name and domain of an account. */
export interface Account {
  user: string;
  domain: string;
}

/** The number of a recorder's passwords: another one is another pair of accounts. */
export function recorderNumber({ secrets }: DeploymentPlan, { id }: RecorderPlan): number {
  return secrets.recorders[id] ?? 1;
}

/** A recorder's accounts at the main Prosody, named as a bridge's are; the nickname that it may take is its id. */
export function recorderAccounts(
  plan: DeploymentPlan,
  recorder: RecorderPlan,
): Record<RecorderLogin, Account> {
  const { names } = plan;
  const suffix = `${recorder.id}-${recorderNumber(plan, recorder)}`;
  return {
    control: { user: `${names.recorderControlUser}-${suffix}`, domain: names.auth },
    call: { user: `${names.recorderCallUser}-${suffix}`, domain: names.recorder },
  };
}

/** Bare JID of an account. */
export function bareJid({ user, domain }: Account): string {
  return `${user}@${domain}`;
}

/** Where the password of each login lies on the hosts that have it, and nothing else. */
const PASSWORD_FILES: Record<Login, string> = {
  focusClient: "/etc/audio-meet/secrets/focus-client",
  focusService: "/etc/audio-meet/secrets/focus-service",
};

/** Accounts of one Prosody, with the files that their passwords come from. */
export function accountsOf(
  instance: { config: string; data: string },
  names: XmppNames,
  logins: Login[],
): AccountSpec[] {
  const jids = accountJids(names);
  return logins.map((login) => ({
    config: instance.config,
    dataPath: instance.data,
    jid: jids[login],
    passwordFile: PASSWORD_FILES[login],
  }));
}

/** Where the password of a login lies, for the nodes, at which jicofo has the same one. */
export function focusPasswordFile(login: Login): string {
  return PASSWORD_FILES[login];
}

/** Those files, each with a password and nothing else. */
export function passwordFiles(logins: Login[], secret: Secret): Files {
  return files(...logins.map((login) => file(PASSWORD_FILES[login], secret(login), ROOT_ONLY)));
}

/**
 * A note on the host of which password each account has. Its purpose: a rotation must change the group that has the
 * accounts, or nobody would set the new password, and it must not touch a file that a daemon reads.
 */
export function accountNote(path: string, { names, secrets }: DeploymentPlan, logins: Login[]): Files {
  const jids = accountJids(names);
  return file(path, logins.map((login) => `${jids[login]} password ${secrets[login]}\n`).join(""));
}

/** Which passwords a daemon uses, for a file that it reads: a rotation restarts it, after the accounts have changed. */
export function passwordNumbers({ secrets }: DeploymentPlan, logins: Login[]): string {
  return logins.map((login) => `${login} ${secrets[login]}`).join(", ");
}
