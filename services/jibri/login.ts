import type { DeploymentPlan, RecorderPlan } from "../../plan/types";
import { environment, file, files, ROOT_ONLY } from "../files";
import { recorderAccounts, type RecorderPasswords } from "../links/accounts";
import type { FileGroup } from "../manifest";
import { RECORDER } from "./paths";

/**
 * A recorder's logins on its own host: accounts and passwords in one file, so that a jibri that starts at any moment has those that
 * belong together. No unit restarts by it: that is the next step's part, which waits for the end of a recording.
 */
export function recorderLoginGroup(
  plan: DeploymentPlan,
  recorder: RecorderPlan,
  passwords: RecorderPasswords,
): FileGroup {
  const { control, call } = recorderAccounts(plan, recorder);
  // The names that jibri.conf takes them by.
  const variables = {
    JIBRI_CONTROL_USER: control.user,
    JIBRI_CONTROL_PASSWORD: passwords.control,
    JIBRI_CALL_USER: call.user,
    JIBRI_CALL_PASSWORD: passwords.call,
  };
  return {
    group: "recorder-login",
    files: files(
      file(RECORDER.environment, environment(variables), ROOT_ONLY),
      file(RECORDER.passwords.control, passwords.control, ROOT_ONLY),
      file(RECORDER.passwords.call, passwords.call, ROOT_ONLY),
    ),
    run: [],
  };
}
