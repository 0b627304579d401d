/** How the tools log in to the hosts of a stack. */
import { run, type Ended } from "./hosts";
import { wordsOfPulumi } from "./pulumiWords";
import { writeSshConfig } from "./sshConfig";

/** Outputs of a stack, among others those that say how to log in; of a secret one only that it is there. */
export interface Outputs {
  ssh?: Record<string, string>;
  knownHosts?: string;
  awsLoginKey?: string;
}

/** Commands that log in, by host id, with the keys that the steps of the stack use, and all outputs; or in one line why there are none. */
export async function loginsOf(
  stack: string,
  configFile = `Pulumi.${stack}.yaml`,
): Promise<
  { logins: Record<string, string>; outputs: Outputs } | { refusal: string; isWithoutHosts: boolean }
> {
  const of = ["--non-interactive", "--stack", stack];
  const [told, privateKey] = await Promise.all([
    run("pulumi", ["stack", "output", "--json", ...of]),
    secret(["config", "get", "jitsi:sshPrivateKey", ...of, "--config-file", configFile]),
  ]);
  const outputs = told.code === 0 ? (JSON.parse(told.stdout) as Outputs) : {};
  const { ssh, knownHosts } = outputs;
  if (ssh === undefined) return { refusal: refusalOf(stack, told), isWithoutHosts: told.code === 0 };
  const awsLoginKey =
    outputs.awsLoginKey === undefined
      ? undefined
      : await secret(["stack", "output", "awsLoginKey", "--show-secrets", ...of]);
  const file = writeSshConfig({ knownHosts, privateKey, awsLoginKey });
  const commands = Object.entries(ssh).map(([id, login]) => [
    id,
    login.replace(/^ssh /, `ssh -F '${file}' `),
  ]);
  return { logins: Object.fromEntries(commands) as Record<string, string>, outputs };
}

/** What `pulumi` prints of a secret; undefined where it is not set, or cannot be read: then the operator's own login counts. */
async function secret(args: string[]): Promise<string | undefined> {
  const { code, stdout } = await run("pulumi", args);
  return code === 0 ? stdout : undefined;
}

/** Why a `pulumi` told no logins, and what to do; its own words where they say it. */
function refusalOf(stack: string, { code, stderr }: Ended): string {
  if (code === 0) return `the stack ${stack} has no hosts yet: run pulumi up first`;
  return `pulumi stack output --stack ${stack}: ${wordsOfPulumi(stderr)}`;
}
