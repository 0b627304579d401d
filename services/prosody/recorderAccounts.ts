import type { DeploymentPlan, RecorderPlan } from "../../plan/types";
import { file, files, ROOT_ONLY } from "../files";
import { bareJid, recorderAccounts, type RecorderLogin, type RecorderPasswords } from "../links/accounts";
import type { FileGroup } from "../manifest";
import { MAIN } from "./instances";

/** One file for each account of a recorder. */
const RECORDER_PASSWORDS = "/etc/audio-meet/secrets/recorders";

const LOGINS: RecorderLogin[] = ["control", "call"];

/**
 * The accounts of a recorder: on the core, while Prosody runs. A group of its own for each, as for bridges: one more or less is nobody
 * else's change, and it outlives the last recording. Those of the number before may be in use by a recording until jibri is
 * logged in with these.
 */
export function recorderAccountGroup(
  plan: DeploymentPlan,
  recorder: RecorderPlan,
  passwords: RecorderPasswords,
): FileGroup {
  const accounts = recorderAccounts(plan, recorder);
  const { config, data: dataPath } = MAIN;
  const passwordFile = (login: RecorderLogin) => `${RECORDER_PASSWORDS}/${accounts[login].user}`;
  return {
    group: `account-${recorder.id}`,
    files: files(...LOGINS.map((login) => file(passwordFile(login), passwords[login], ROOT_ONLY))),
    run: [],
    accounts: LOGINS.map((login) => ({
      ...{ config, dataPath, jid: bareJid(accounts[login]), passwordFile: passwordFile(login) },
    })),
    successor: bareJid(accounts.control),
  };
}
