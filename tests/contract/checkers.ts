import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { isIP } from "node:net";
import { dirname, join } from "node:path";
import { Script } from "node:vm";
import { readHocon, type Daemon, unknownKeys } from "./hocon";
import { here, inFolder, isThere, run } from "./programs";
import {
  aptComplaints,
  journaldComplaints,
  JOURNALD_CONF,
  kernelComplaints,
  needrestartComplaints,
} from "./upkeepCheckers";
import { readProsody } from "./prosodyConfig";

/** Absolute path → text. */
export type Texts = Record<string, string>;

/** What is only true on a host: programs and units that this machine does not have. */
const ELSEWHERE =
  /is not executable: No such file|Failed to (?:create|prepare).*No such file|Unit \S+ not found/;

/** What systemd-analyze says about a unit with what belongs to it (name → text); its exit code is 0 for unknown keys. */
export function unitComplaints(files: Texts, unit: string): string[] {
  return inFolder((folder) => {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    const { output } = run("systemd-analyze", ["verify", "--man=no", join(folder, unit)]);
    // Remarks about other units of this machine are not ours; what cannot look at units at all is no remark.
    const ours = (line: string) =>
      line.includes(unit) || line.includes(folder) || line.includes("Failed to initialize manager");
    const lines = output.split("\n").filter(ours);
    return lines.filter((line) => !ELSEWHERE.test(line));
  });
}

/** What nginx needs for a port that the page shares with TURN; Debian has it in a package of its own. */
const STREAM_MODULE = "/usr/lib/nginx/modules/ngx_stream_module.so";

/** What this machine lacks to check these files of nginx. */
export function missingForNginx(files: Texts): string[] {
  const needs = ["nginx", "openssl", "root"].filter((need) => !isThere(need));
  return usesStreams(files) && !existsSync(here(STREAM_MODULE)) ? [...needs, STREAM_MODULE] : needs;
}

function usesStreams(files: Texts): boolean {
  return Object.values(files).some((text) => text.includes("ssl_preread"));
}

/** A certificate and its key, made once: the contents are not what nginx is asked about. */
let pair: { key: string; certificate: string } | undefined;

function certificate(folder: string): { key: string; certificate: string } {
  const [key, certificate] = [join(folder, "web.key"), join(folder, "web.pem")];
  const request = `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj /CN=x -keyout ${key} -out ${certificate}`;
  const { code, output } = run("openssl", request.split(" "));
  if (code !== 0) throw new Error(output);
  return { key: readFileSync(key, "utf8"), certificate: readFileSync(certificate, "utf8") };
}

/** Puts files that nginx reads under a folder of their own, with a certificate; the path of the main one. */
export function stageNginx(folder: string, files: Texts): string {
  pair ??= certificate(folder);
  // The package's own line for the module may or may not be among those of this machine.
  const modules = usesStreams(files) ? `load_module ${STREAM_MODULE};` : "";
  const own = {
    "/etc/audio-meet/secrets/web.key": pair.key,
    "/etc/audio-meet/web/certificate.pem": pair.certificate,
    "/etc/nginx/mime.types": readFileSync(here("/etc/nginx/mime.types"), "utf8"),
  };
  for (const [path, text] of Object.entries({ ...own, ...files })) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    const here = text
      .replace(/^include \S+modules-enabled.*/m, modules)
      .replaceAll("/etc/audio-meet/", `${folder}/etc/audio-meet/`)
      .replaceAll("/etc/nginx/", `${folder}/etc/nginx/`)
      .replaceAll("/var/log/nginx/", `${folder}/`)
      .replaceAll("/run/nginx.pid", `${folder}/nginx.pid`);
    writeFileSync(join(folder, path), here);
  }
  return join(folder, "etc/nginx/nginx.conf");
}

/** What nginx -t has to say about all of its files. */
export function nginxComplaints(files: Texts): string[] {
  return inFolder((folder) => {
    const { code, output } = run("nginx", ["-t", "-c", stageNginx(folder, files)]);
    // From 1.25.1 on nginx remarks that `listen … http2` is old; older ones know nothing else.
    const lines = output
      .split("\n")
      .filter((line) => /\[(warn|emerg)\]/.test(line) && !line.includes("http2"));
    return code === 0 || lines.length > 0 ? lines : [output];
  });
}

/** What nft -c says about a set of rules, in a network of its own. */
function nftComplaints(text: string): string[] {
  return inFolder((folder) => {
    const file = join(folder, "rules.nft");
    writeFileSync(file, text);
    const { code, output } = run("unshare", ["--net", "nft", "-c", "-f", file]);
    return code === 0 && output === "" ? [] : [output];
  });
}

function luaComplaints(text: string): string[] {
  const { code, output } = run("luac", ["-p", "-"], text);
  return code === 0 ? [] : [output];
}

/** Lua's parser, then Lua itself, and Prosody's own check where this machine has it. */
function prosodyComplaints(text: string): string[] {
  const complaints = [...luaComplaints(text), ...thrown(() => readProsody(text))];
  if (complaints.length > 0 || !["prosodyctl", "root", "runuser"].every(isThere)) return complaints;
  return inFolder((folder) => {
    const file = join(folder, "prosody.cfg.lua");
    run("chmod", ["755", folder]);
    writeFileSync(file, text, { mode: 0o644 });
    const command = ["-u", "prosody", "--", "prosodyctl", "--config", file, "check", "config"];
    const { output } = run("runuser", command);
    return output.includes("All checks passed") && !output.includes("warning") ? [] : [output];
  });
}

async function hoconComplaints(daemon: Daemon, text: string): Promise<string[]> {
  const names = [...text.matchAll(/\$\{(\w+)\}/g)].map(([, name = ""]) => [name, `value of ${name}`]);
  try {
    return unknownKeys(daemon, await readHocon(text, Object.fromEntries(names) as Texts));
  } catch (error) {
    return [String(error)];
  }
}

/** What nginx puts in place of itself when it serves a page. */
const INCLUDES = /<!--#include virtual="[\w./-]+" -->/g;

/** The parser of node --check, and the end of a script element, which would end the script in the page. */
function scriptComplaints(text: string): string[] {
  const ends = /<\/script|<!--/i.test(text.replace(INCLUDES, ""))
    ? ["it would end the script element that the page puts it in"]
    : [];
  return [...thrown(() => new Script(text)), ...ends];
}

/** Lines `NAME=value`, comments, and nothing that runs over the end of its line. */
function environmentComplaints(text: string): string[] {
  return text.split("\n").filter((line) => !/^$|^#|^[A-Z_]+=/.test(line));
}

function thrown(action: () => unknown): string[] {
  try {
    action();
    return [];
  } catch (error) {
    return [String(error)];
  }
}

/** A list in a loop may well have one item (SC2043): how many there are is up to the config. */
function shellComplaints(text: string): string[] {
  const { code, output } = run("shellcheck", ["--exclude=SC2043", "-"], text);
  return code === 0 ? [] : [output];
}

/** What coturn remarks about a configuration: it has no test mode, so that it starts for a moment, on ports of its own. */
export function turnserverComplaints(text: string): string[] {
  return inFolder((folder) => {
    const file = join(folder, "turnserver.conf");
    const other = text
      .replace("=3478", "=23478")
      .replace("=5349", "=25349")
      .replace(/^syslog$/m, "log-file=stdout");
    writeFileSync(file, other);
    const options = ["-c", file, "--pidfile", join(folder, "pid"), "--userdb", join(folder, "db")];
    const { output } = run("timeout", ["3", "turnserver", ...options]);
    const lines = output.split("\n").filter((line) => /Bad configuration|CONFIG ERROR/.test(line));
    return output.includes("Relay ports initialization done") ? lines : [output];
  });
}

/** Lines that the script which reads them would pass over: neither a comment nor an address. */
function peerComplaints(text: string): string[] {
  return text.split("\n").filter((line) => line !== "" && !line.startsWith("#") && isIP(line) === 0);
}

/** What the helper itself says to the document of its watchdog. */
function watchdogComplaints(text: string): string[] {
  const program = [
    "import sys; sys.path.insert(0, sys.argv[1])",
    "from audio_meet.system import documents; from audio_meet.watchdog import watchdog",
    "watchdog.parse(documents.load(sys.stdin.read()))",
  ].join("\n");
  const { code, output } = run("python3", ["-c", program, join(__dirname, "..", "..", "host")], text);
  return code === 0 ? [] : [output];
}

/** A real program, or parser, for one kind of file. */
interface Checker {
  /** Programs without which it cannot run. */
  needs: string[];
  matches: RegExp;
  complaints: (text: string, path: string) => string[] | Promise<string[]>;
}

/** The first one that matches a path checks it. A new kind of file is one more line; a file without one fails the test. */
export const CHECKERS: Checker[] = [
  { needs: ["luac", "lua5.4"], matches: /prosody\.cfg\.lua$/, complaints: prosodyComplaints },
  { needs: ["luac"], matches: /\.lua$/, complaints: luaComplaints },
  { needs: [], matches: /\/jicofo\.conf$/, complaints: (text) => hoconComplaints("jicofo", text) },
  { needs: [], matches: /\/jvb\.conf$/, complaints: (text) => hoconComplaints("videobridge", text) },
  { needs: ["nft", "root", "unshare"], matches: /\.nft$/, complaints: nftComplaints },
  { needs: [], matches: /config\.js$/, complaints: scriptComplaints },
  { needs: ["systemd-analyze"], matches: /\/system\/[^/]+\.d\//, complaints: dropInComplaints },
  {
    needs: ["systemd-analyze"],
    matches: /\/system\/[^/]+$/,
    complaints: (text, path) => unitComplaints({ [name(path)]: text }, name(path)),
  },
  { needs: [], matches: /^\/etc\/jitsi\/\w+\/config$/, complaints: environmentComplaints },
  { needs: ["turnserver", "timeout"], matches: /\/turnserver\.conf$/, complaints: turnserverComplaints },
  { needs: ["shellcheck"], matches: /\/coturn\/(prepare|allow-peers)$/, complaints: shellComplaints },
  { needs: [], matches: /\/coturn\/peers\/[^/]+$/, complaints: peerComplaints },
  { needs: ["apt-config"], matches: /^\/etc\/apt\/apt\.conf\.d\//, complaints: aptComplaints },
  { needs: ["perl"], matches: /^\/etc\/needrestart\//, complaints: needrestartComplaints },
  { needs: [JOURNALD_CONF], matches: /\/journald\.conf\.d\//, complaints: journaldComplaints },
  { needs: [], matches: /\/kernel\.conf$/, complaints: kernelComplaints },
  { needs: ["python3"], matches: /\/watchdog\.json$/, complaints: watchdogComplaints },
  // Together, by nginxComplaints.
  { needs: [], matches: /^\/etc\/nginx\//, complaints: () => [] },
  // Notes of the helper's own and texts of the page that no program parses.
  { needs: [], matches: /^\/etc\/audio-meet\/accounts\/|-(title|links)\.html$/, complaints: () => [] },
];

const name = (path: string) => path.split("/").at(-1) ?? "";

function dropInComplaints(text: string, path: string): string[] {
  const [unit = "", file = ""] = path.replace("/etc/systemd/system/", "").split(".d/");
  const base = "[Service]\nType=simple\nExecStart=/bin/true\n";
  return unitComplaints({ [unit]: base, [`${unit}.d/${file}`]: text }, unit);
}
