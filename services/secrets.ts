import type { DeploymentPlan } from "../plan/types";
import { env } from "./escapers";
import { moderatorPasswordFile, moderatorsOf, tokenOf } from "./access";
import { file, files, reload, restart } from "./files";
import { recordingOf, RECORDER_PASSWORDS } from "./jibri";
import { JICOFO_PASSWORDS } from "./jicofo";
import { logsInAtMail } from "./mail";
import type { FileGroup, Files } from "./manifest";
import { PATHS, UNITS } from "./paths";
import { alertsWithLogin } from "./prometheus";
import { hostRoles } from "./roles";
import { seedOf } from "./trust";

/** Secret values of a host by name, without those that come in a step of their own (a bridge's login). */
export interface SecretValues {
  focusClient?: string;
  focusService?: string;
  turn?: string;
  /** On every recorder, and on the core where recording is set up. */
  recorderControl?: string;
  recorderCall?: string;
  /** Keys of the storage, on every recorder that has no role to go by. */
  recordingAccessKey?: string | undefined;
  recordingSecretKey?: string | undefined;
  /** Passwords of the moderators by name. */
  moderators?: Record<string, string>;
  /** Verifies tokens, where no key server does. */
  tokenSecret?: string | undefined;
  mainKeyPem?: string;
  techKeyPem?: string;
  /** Key of the certificate that participants see; where an authority issues it, of the one until then. */
  webKeyPem?: string;
  /** HMAC key of the external account at an authority. */
  acmeEabKey?: string;
  /** On the hosts that log in at an SMTP server. */
  mailPassword?: string | undefined;
  /** On every host, where there is monitoring. */
  metricsKeyPem?: string | undefined;
}

/**
 * Every secret of a host, each in a file that only root, or root and Prosody, can read. No unit restarts by them: an
 * account must have the new password first, and then the daemon's own group restarts it (see `passwordNumbers`); a
 * key is read together with its certificate, which comes next. coturn knows a new secret before Prosody makes passwords from it.
 */
export function secretGroup(plan: DeploymentPlan, hostId: string, values: SecretValues): FileGroup {
  const { isCore, recorder } = hostRoles(plan, hostId);
  return {
    group: "secrets",
    files: files(
      isCore ? coreSecrets(plan, values) : {},
      isCore ? accessSecrets(plan, values) : {},
      recorder ? recorderSecrets(plan, values) : {},
      logsInAtMail(plan, hostId) ? mailSecrets(plan, hostId, values) : {},
      // systemd hands it to the door as a credential.
      plan.monitoring ? file(PATHS.metricsKey, required(values, "metricsKeyPem"), ROOT_ONLY) : {},
    ),
    run: [],
  };
}

function coreSecrets(plan: DeploymentPlan, values: SecretValues): Files {
  const focusClient = required(values, "focusClient");
  const focusService = required(values, "focusService");
  return files(
    file(PATHS.passwords.focusClient, focusClient, ROOT_ONLY),
    file(PATHS.passwords.focusService, focusService, ROOT_ONLY),
    plan.recording ? recorderPasswords(values) : {},
    plan.turn
      ? file(PATHS.turnSecret, required(values, "turn"), { ...PROSODY_ONLY, units: reload(UNITS.coturn) })
      : {},
    file(
      PATHS.jicofo.environment,
      variable(JICOFO_PASSWORDS.client, focusClient) + variable(JICOFO_PASSWORDS.service, focusService),
      ROOT_ONLY,
    ),
    file(PATHS.mainKey, required(values, "mainKeyPem"), PROSODY_ONLY),
    file(PATHS.techKey, required(values, "techKeyPem"), PROSODY_ONLY),
    // nginx reads it as root, before its workers become somebody else.
    file(PATHS.webKey, required(values, "webKeyPem"), { ...ROOT_ONLY, ...seedOf(plan) }),
    eabFile(plan, values),
  );
}

/** An account must have its password first, as above; the token's secret is read by Prosody itself, at its start. */
function accessSecrets(plan: DeploymentPlan, { moderators = {}, ...values }: SecretValues): Files {
  const passwords = moderatorsOf(plan).map(({ name }) => {
    const password = moderators[name];
    if (password === undefined) throw new Error(`the password of moderator ${name} is missing`);
    return file(moderatorPasswordFile(name), password, ROOT_ONLY);
  });
  const token = tokenOf(plan);
  const secret =
    token?.keys.from === "secret"
      ? file(PATHS.tokenSecret, required(values, "tokenSecret"), {
          ...PROSODY_ONLY,
          units: restart(UNITS.prosody),
        })
      : {};
  return files(...passwords, secret);
}

function recorderPasswords(values: SecretValues): Files {
  return files(
    file(PATHS.passwords.recorderControl, required(values, "recorderControl"), ROOT_ONLY),
    file(PATHS.passwords.recorderCall, required(values, "recorderCall"), ROOT_ONLY),
  );
}

/** The browser is jibri's, and so is its login; the keys of the storage are nobody's but the uploader's. */
function recorderSecrets(plan: DeploymentPlan, values: SecretValues): Files {
  const lines =
    variable(RECORDER_PASSWORDS.control, required(values, "recorderControl")) +
    variable(RECORDER_PASSWORDS.call, required(values, "recorderCall"));
  const keys = () => ({
    accessKey: required(values, "recordingAccessKey"),
    secretKey: required(values, "recordingSecretKey"),
  });
  return files(
    recorderPasswords(values),
    file(PATHS.recorder.environment, lines, ROOT_ONLY),
    recordingOf(plan).login === "keys"
      ? file(PATHS.recorder.storageKeys, `${JSON.stringify(keys())}\n`, ROOT_ONLY)
      : {},
  );
}

/** What the verification and the uploader log in with, and Alertmanager, which has it in its configuration. */
function mailSecrets(plan: DeploymentPlan, hostId: string, values: SecretValues): Files {
  const password = required(values, "mailPassword");
  const prometheus = plan.monitoring?.prometheus;
  return files(
    file(PATHS.mailPassword, password, ROOT_ONLY),
    prometheus?.hostId === hostId ? alertsWithLogin(plan, prometheus, password) : {},
  );
}

function eabFile({ certificate }: DeploymentPlan, values: SecretValues): Files {
  if (certificate.kind !== "acme" || certificate.eabKeyId === undefined) return {};
  const text = `eab-kid = ${certificate.eabKeyId}\neab-hmac-key = ${required(values, "acmeEabKey")}\n`;
  return file(PATHS.acmeEab, text, ROOT_ONLY);
}

const ROOT_ONLY = { mode: "0600" };
const PROSODY_ONLY = { mode: "0640", group: "prosody" };

function variable(name: string, value: string): string {
  return `${name}=${env(value)}\n`;
}

function required(values: SecretValues, name: Exclude<keyof SecretValues, "moderators">): string {
  const value = values[name];
  if (value === undefined) throw new Error(`the secret ${name} is missing`);
  return value;
}
