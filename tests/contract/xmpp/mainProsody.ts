import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DeploymentPlan, VisitorNode } from "../../../plan/types";
import { lua } from "../../../services/escapers";
import { TOKEN_SECRET } from "../../../services/prosody/access";
import { MAIN, nodeInstance, NODES, RECORDERS_UNHEARD } from "../../../services/prosody/instances";
import { LIBRARY_FOLDER } from "../../../services/prosody/modules";
import { content } from "../files";
import { isThere } from "../programs";
import { NEEDS_PROSODY, PROSODY_LUA, TEMPLATES } from "../prosodyLua";
import { cpuSecondsOf, freePort, megabytesOf, startProcess } from "../prosodyProcess";

/** What these tests need; a list of what is missing. */
export const MISSING = [PROSODY_LUA, NEEDS_PROSODY].filter((need) => !isThere(need));

/** Modules of Jitsi's names, which the lab brings; AUDIO_MEET_PLUGINS names a folder with Jitsi's own. */
const PLUGINS =
  process.env["AUDIO_MEET_PLUGINS"] ??
  join(TEMPLATES, "../../lab/packages/debian/jitsi-meet-prosody/root/usr/share/jitsi-meet/prosody-plugins");

export const PASSWORD = "a password of the test";

/** A real Prosody 13 with what the product renders for a plan, in a folder of its own. */
export interface MainProsody {
  readonly pid: number | undefined;
  port: number;
  folder: string;
  log: () => string;
  /** Megabytes in memory. */
  megabytes: () => number;
  /** Seconds of CPU so far. */
  cpuSeconds: () => number;
  /** Kills it, and starts it again with what it had written. */
  again: () => Promise<void>;
  stop: () => Promise<void>;
}

export interface Changes {
  /** Modules of ours that are left out: the defence is off. */
  without?: string[];
  /** Modules of the test's own, by name, in Lua; every host has them. */
  modules?: Record<string, string>;
  /** Lines at the end of the global part. */
  options?: string;
  /** Accounts beside jicofo's, as "user@host". */
  accounts?: string[];
  /** What it speaks to other Prosodys with; without it nobody does. */
  links?: Links;
}

/** A certificate with its key and its authority, the port for other servers, and theirs by their names. */
export interface Links {
  certificate: string;
  key: string;
  authority: string;
  port: number;
  others: Record<string, number>;
}

export async function startMain(plan: DeploymentPlan, changes: Changes = {}): Promise<MainProsody> {
  return start(plan, changes, MAIN.config, plan.names.auth);
}

/** One of the plan's nodes for visitors, in the same way. */
export async function startNode(
  plan: DeploymentPlan,
  node: VisitorNode,
  changes: Changes = {},
): Promise<MainProsody> {
  return start(plan, changes, nodeInstance(node).config, node.auth);
}

async function start(
  plan: DeploymentPlan,
  changes: Changes,
  config: string,
  auth: string,
): Promise<MainProsody> {
  const folder = mkdtempSync(join(tmpdir(), "main-prosody-"));
  const port = await freePort();
  const { focus } = plan.names;
  for (const account of [`focus@${auth}`, ...(changes.accounts ?? [])]) write(folder, account, "accounts");
  write(folder, `focus@${auth}`, "roster", `[${lua(focus)}] = { subscription = "both", groups = {} }`);
  writeFileSync(join(folder, "turn"), "secret\n");
  const modules = changes.modules ?? {};
  for (const [name, text] of Object.entries(modules)) writeFileSync(join(folder, `mod_${name}.lua`), text);
  const configuration = moved(content(config, "core", plan), folder, port, changes);
  let prosody = await startProcess(folder, configuration, "http");
  const again = async () => {
    await prosody.stop("SIGKILL");
    prosody = await startProcess(folder, configuration, "http");
  };
  const megabytes = () => megabytesOf(prosody.pid);
  const cpuSeconds = () => cpuSecondsOf(prosody.pid);
  const stop = async () => {
    await prosody.stop("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  };
  return {
    get pid() {
      return prosody.pid;
    },
    ...{ port, folder, log: () => prosody.log(), megabytes, cpuSeconds, again, stop },
  };
}

function write(folder: string, jid: string, store: string, text = `["password"] = ${lua(PASSWORD)}`): void {
  const [user = "", host = ""] = jid.split("@");
  const stored = (name: string) => name.replaceAll(".", "%2e").replaceAll("-", "%2d");
  const at = join(folder, stored(host), store);
  mkdirSync(at, { recursive: true });
  writeFileSync(join(at, `${stored(user)}.dat`), `return { ${text} };\n`);
}

/**
 * The rendered configuration with paths and ports of the test, and without TLS towards clients, which nginx and the loopback have to do
 * with.
 */
function moved(text: string, folder: string, port: number, changes: Changes): string {
  const { links } = changes;
  const replace: [string | RegExp, string][] = [
    [/^pidfile = .*$/m, `pidfile = ${lua(join(folder, "pid"))}\nrun_as_root = true`],
    [/^data_path = .*$/m, `data_path = ${lua(folder)}`],
    [/^plugin_paths = .*$/m, `plugin_paths = { ${lua(folder)}, ${lua(TEMPLATES)}, ${lua(PLUGINS)} }`],
    ['"roster",', ["roster", ...Object.keys(changes.modules ?? {})].map((name) => `${lua(name)},`).join(" ")],
    [/^c2s_ports = .*$/m, "c2s_ports = {}"],
    [/^http_ports = .*$/m, `http_ports = { ${port} }`],
    [/^certificates = .*$/m, ""],
    [/^ssl = .*$/m, [links ? linkLines(links) : "", changes.options ?? ""].join("\n")],
    ...(links ? [] : ([['"tls", ', ""]] as [string, string][])),
    [/^s2s_ports = .*$/m, links ? `s2s_ports = { ${links.port} }` : "s2s_ports = {}"],
    [/^node_links = .*$/m, links ? `node_links = ${table(links.others)}` : "node_links = {}"],
    // jicofo and recorders come over the one port that is there.
    [/^ *login_limits_http = .*$/m, ""],
    [LIBRARY_FOLDER, join(TEMPLATES, "libraries")],
    [NODES.libraries, join(TEMPLATES, "libraries")],
    [/FileLine\("[^"]*"\)/g, `FileLine(${lua(join(folder, "turn"))})`],
    [RECORDERS_UNHEARD, join(folder, "recorders-unheard")],
    [TOKEN_SECRET, join(folder, "turn")],
    ...(changes.without ?? []).map((module): [string, string] => [`"${module}",`, ""]),
  ];
  return replace.reduce(
    (changed, [what, by]) =>
      changed.replaceAll(
        typeof what === "string" ? what : new RegExp(what, `g${what.flags.replace("g", "")}`),
        () => by,
      ),
    text,
  );
}

function linkLines({ certificate, key, authority }: Links): string {
  return `ssl = { certificate = ${lua(certificate)}, key = ${lua(key)}, cafile = ${lua(authority)} }`;
}

function table(others: Record<string, number>): string {
  const entries = Object.entries(others).map(([host, port]) => `[${lua(host)}] = ${port}`);
  return `{ ${entries.join(", ")} }`;
}
