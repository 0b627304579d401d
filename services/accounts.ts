import type { DeploymentPlan, SecretCounters, XmppNames } from "../plan/types";
import { file } from "./files";
import type { AccountSpec, Files } from "./manifest";
import { PATHS } from "./paths";

/** A login of the deployment: who logs in where, named as its password. */
export type Login = Exclude<keyof SecretCounters, "turn">;

/** Bare JIDs of the accounts, by login. */
export function accountJids(names: XmppNames): Record<Login, string> {
  return {
    focusClient: `${names.focusUser}@${names.auth}`,
    focusService: `${names.focusUser}@${names.tech}`,
    videobridge: `${names.videobridgeUser}@${names.tech}`,
    recorderControl: `${names.recorderControlUser}@${names.auth}`,
    recorderCall: `${names.recorderCallUser}@${names.recorder}`,
  };
}

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
    passwordFile: PATHS.passwords[login],
  }));
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
