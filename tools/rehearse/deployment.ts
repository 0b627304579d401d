/** Where a stack's page is, and what it tells a browser about the servers behind it. */
import { get } from "node:https";
import { rootCertificates } from "node:tls";
import { runInNewContext } from "node:vm";
import { servingById } from "../../plan/parked";
import { run } from "../hosts";
import { wordsOfPulumi } from "../pulumiWords";

/** The outputs of a stack that matter here. */
export interface Outputs {
  url: string;
  dns: Record<string, string>;
  caPem?: string;
  ssh: Record<string, string>;
  /** Versions that were asked for, by package. */
  release?: Record<string, string | undefined>;
  /** Those in service. */
  bridges: Record<
    string,
    { region: string; publicAddress: string; privateAddress?: string; ipv6Address?: string; parked?: boolean }
  >;
}

/** What the page tells its participants. */
export interface Page {
  domain: string;
  /** Hosts with their addresses, whatever a name server says. */
  names: Record<string, string>;
  websocket: string;
  /** Where participants without an account log in. */
  loginDomain: string;
  conferences: string;
}

/** As much of config.js as is looked at. */
interface Settings {
  hosts: { domain: string; anonymousdomain?: string; muc: string };
  websocket: string;
}

const TIMEOUT_MILLISECONDS = 10_000;

/** The daemon through which sound would go, if it is a stand-in: they say in their versions what they are. */
function standIn({ release = {} }: Partial<Outputs>): string | undefined {
  const found = ["videobridge", "jicofo"].find((name) => release[name]?.includes("standin"));
  return found && `${found} ${release[found]}`;
}

/** The outputs of a stack, or in one line why there are none. */
export async function outputsOf(stack: string): Promise<Outputs | { refusal: string }> {
  const told = await run("pulumi", ["stack", "output", "--json", "--stack", stack]);
  if (told.code !== 0)
    return { refusal: `pulumi stack output --stack ${stack}: ${wordsOfPulumi(told.stderr)}` };
  const outputs = JSON.parse(told.stdout) as Partial<Outputs>;
  if (outputs.url === undefined) return { refusal: `${stack} has no page yet: run pulumi up first` };
  const silent = standIn(outputs);
  if (silent !== undefined)
    return {
      refusal: `${stack} runs ${silent}, a stand-in of the lab that carries no sound: there is nothing to hear; a lab with Jitsi's own packages, or another stack, has some (docs/LAB.md#what-it-runs-with)`,
    };
  return { ...(outputs as Outputs), bridges: servingById(outputs.bridges ?? {}) };
}

/** Asks the page for its settings, over TLS that is verified, as a browser does. */
export async function pageOf({
  url,
  dns,
  caPem,
}: Pick<Outputs, "url" | "dns"> & { caPem?: string }): Promise<Page> {
  const domain = new URL(url).hostname;
  const host = dns[domain] ?? domain;
  const text = await fetchText(host, domain, "/config.js", caPem);
  return { domain, names: dns, ...settingsIn(text) };
}

/** What config.js says; it is a script, and nothing else can read it. */
export function settingsIn(text: string): Pick<Page, "websocket" | "loginDomain" | "conferences"> {
  const { hosts, websocket } = runInNewContext(`${text}\nconfig`, {}, { timeout: 1000 }) as Settings;
  return { websocket, loginDomain: hosts.anonymousdomain ?? hosts.domain, conferences: hosts.muc };
}

function fetchText(host: string, domain: string, path: string, caPem = ""): Promise<string> {
  const ca = caPem === "" ? undefined : [...rootCertificates, caPem];
  const options = {
    host,
    path,
    servername: domain,
    headers: { host: domain },
    ca,
    timeout: TIMEOUT_MILLISECONDS,
  };
  return new Promise((resolve, reject) => {
    const asked = get(options, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (part: string) => (text += part));
      answer.on("end", () => {
        if (answer.statusCode === 200) resolve(text);
        else reject(new Error(`https://${domain}${path}: HTTP status ${answer.statusCode}`));
      });
    });
    asked.on("timeout", () => asked.destroy(new Error("no answer within 10 s")));
    asked.on("error", (error) => {
      reject(new Error(`https://${domain}${path}: ${error.message}`));
    });
  });
}
